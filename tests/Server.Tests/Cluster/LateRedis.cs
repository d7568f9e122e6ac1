using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Presence.Server.Tests.Cluster;

/// <summary>A way to a Redis on which its clock is behind, by which whoever comes by it is ahead.</summary>
internal sealed partial class LateRedis : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly IPEndPoint _redis;
    private readonly Task _accepting;
    private long _behind;

    public LateRedis(IPEndPoint redis)
    {
        _redis = redis;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public EndPoint Address => _listener.LocalEndpoint;

    /// <summary>By so many seconds, from now on.</summary>
    public void Set(long behind) => Volatile.Write(ref _behind, behind);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            _ = PassAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using TcpClient near = client;
        using var far = new TcpClient();
        await far.ConnectAsync(_redis);
        NetworkStream asks = near.GetStream(), answers = far.GetStream();
        await Task.WhenAny(PassAsync(asks, answers, static chunk => chunk), PassAsync(answers, asks, Late));
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to, Func<string, string> change)
    {
        var buffer = new byte[65_536];
        while (await from.ReadAsync(buffer, _stopping.Token) is > 0 and int length)
        {
            await to.WriteAsync(Encoding.Latin1.GetBytes(change(Encoding.Latin1.GetString(buffer, 0, length))), _stopping.Token);
        }
    }

    private string Late(string answer) => Time().Replace(answer, time =>
        $"{time.Groups[1]}{(long.Parse(time.Groups[2].ValueSpan, CultureInfo.InvariantCulture) - Volatile.Read(ref _behind)).ToString(CultureInfo.InvariantCulture)}{time.Groups[3]}");

    // The answer to TIME, as no other of a node's is; short enough to come in one piece.
    [GeneratedRegex(@"(\*2\r\n\$10\r\n)(\d{10})(\r\n\$\d\r\n\d{1,6}\r\n)")]
    private static partial Regex Time();
}
