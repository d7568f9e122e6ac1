using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Google.Protobuf;
using Presence.Protocol;
using Presence.V1;

namespace Presence.LoadClient.Tests.Fakes;

/// <summary>
/// A server that says what a test wants to hear, right or wrong: it believes every token, knows every user as ONLINE until it says
/// otherwise, and tells nobody of changes.
/// </summary>
internal class FakeServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<ulong, int> _hellos = new();
    private readonly ConcurrentDictionary<ulong, PresenceEntry> _users = new();
    private readonly string _key = Path.GetTempFileName();
    private long _version;
    private Task? _accepting;

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Of the key that it would check tokens with.</summary>
    public string KeyFile => _key;

    public void Start()
    {
        File.WriteAllText(_key, new string('A', 43));
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting!;
        _stop.Dispose();
        File.Delete(_key);
    }

    /// <param name="nth">1 for the user's first Hello.</param>
    protected virtual IEnumerable<ServerFrame> OnHello(ulong user, int nth) =>
    [
        new ServerFrame
        {
            Welcome = new Welcome
            {
                SessionId = (ulong)nth,
                ResumeToken = ByteString.CopyFromUtf8($"{user}"),
                Resumed = nth > 1,
                HeartbeatIntervalMs = 30_000,
                FirstHeartbeatAfterMs = 20_000,
                HoldMs = 60_000,
                Limits = new Limits { PendingRequests = 64, StatusChanges = "0" },
            },
        },
    ];

    protected virtual IEnumerable<ServerFrame> OnWatch(Watch watch) => [Answer(watch.RequestId, watch.UserIds.Select(EntryOf))];

    protected virtual IEnumerable<PresenceEntry> OnQuery(IEnumerable<PresenceEntry> right) => right;

    protected static ServerFrame Answer(ulong request, IEnumerable<PresenceEntry> entries) =>
        new() { PresenceBatch = new PresenceBatch { RequestId = request, Snapshot = true, Entries = { entries } } };

    /// <summary>How a user is; ONLINE when nobody said otherwise, OFFLINE when it was never here.</summary>
    protected PresenceEntry EntryOf(ulong user) =>
        _users.TryGetValue(user, out PresenceEntry? entry) ? entry : new PresenceEntry { UserId = user, Status = Status.Offline };

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient owned = client;
        NetworkStream stream = client.GetStream();
        byte[] buffer = new byte[1 << 17];
        (int held, ulong user) = (0, 0);
        try
        {
            int received;
            while ((received = await stream.ReadAsync(buffer.AsMemory(held), _stop.Token)) > 0)
            {
                var output = new ArrayBufferWriter<byte>();
                int taken = Take(buffer.AsSpan(0, held + received), output, ref user);
                held = held + received - taken;
                buffer.AsSpan(taken, held).CopyTo(buffer);
                await stream.WriteAsync(output.WrittenMemory, _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client or the test is done.
        }
    }

    private int Take(ReadOnlySpan<byte> bytes, ArrayBufferWriter<byte> output, ref ulong user)
    {
        ReadOnlySpan<byte> rest = bytes;
        while (FrameReader.TryRead(ref rest, ProtocolLimits.MaxFrameBytes, out ReadOnlySpan<byte> payload, out _) == FrameReadResult.Frame)
        {
            if (ClientFrames.TryParse(new ReadOnlySequence<byte>(payload.ToArray()), out ClientFrame? frame, out _))
            {
                foreach (ServerFrame answer in AnswersTo(frame, ref user))
                {
                    ServerFrames.Write(output, answer, Framing.LengthPrefix);
                }
            }
        }

        return bytes.Length - rest.Length;
    }

    private IEnumerable<ServerFrame> AnswersTo(ClientFrame frame, ref ulong user)
    {
        switch (frame.FrameCase)
        {
            case ClientFrame.FrameOneofCase.Hello:
                user = UserOf(frame.Hello);
                _users.TryAdd(user, new PresenceEntry { UserId = user, Version = NextVersion(), Status = Status.Online });
                return OnHello(user, _hellos.AddOrUpdate(user, 1, static (_, n) => n + 1));
            case ClientFrame.FrameOneofCase.Watch:
                return OnWatch(frame.Watch);
            case ClientFrame.FrameOneofCase.Query:
                return [Answer(frame.Query.RequestId, OnQuery(frame.Query.UserIds.Select(EntryOf)))];
            case ClientFrame.FrameOneofCase.SetStatus:
                _users[user] = new PresenceEntry { UserId = user, Version = NextVersion(), Status = frame.SetStatus.Status };
                return [new ServerFrame { Ack = new Ack { RequestId = frame.SetStatus.RequestId, Version = _users[user].Version } }];
            case ClientFrame.FrameOneofCase.Heartbeat:
                return [new ServerFrame { HeartbeatAck = new HeartbeatAck { HeartbeatIntervalMs = 30_000 } }];
            default:
                return [];
        }
    }

    private ulong NextVersion() => (ulong)Interlocked.Increment(ref _version);

    private static ulong UserOf(Hello hello)
    {
        if (!hello.ResumeToken.IsEmpty)
        {
            return ulong.Parse(hello.ResumeToken.ToStringUtf8());
        }

        byte[] claims = System.Buffers.Text.Base64Url.DecodeFromChars(hello.Token.Split('.')[1]);
        return ulong.Parse(JsonDocument.Parse(claims).RootElement.GetProperty("sub").GetString()!);
    }
}
