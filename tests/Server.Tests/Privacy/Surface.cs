using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Presence.Server.Tests.Http;
using Presence.TestKit;
using Presence.V1;

namespace Presence.Server.Tests.Privacy;

/// <summary>A way in which a stranger learns of a user. What it shows is a text in which the user has no id and times count from the user's version.</summary>
internal abstract class Surface : IAsyncDisposable
{
    private static ulong s_lastStranger = 500_000;

    /// <summary>Every one of them, by name.</summary>
    public static IReadOnlyDictionary<string, Func<Surface>> All { get; } = new Dictionary<string, Func<Surface>>
    {
        ["watch, the snapshot"] = static () => new Asked(static (client, user) => client.WatchAsync(1, user)),
        ["query"] = static () => new Asked(static (client, user) => client.QueryAsync(1, user)),
        ["watch, the update"] = static () => new Watched(),
        ["GET with ids in the address"] = static () => new Got(body: false),
        ["GET with ids in a body"] = static () => new Got(body: true),
        ["event stream, the snapshot"] = static () => new Streamed(before: false),
        ["event stream, the update"] = static () => new Streamed(before: true),
        ["WatchAll on a gateway link"] = static () => new Linked(all: true),
        ["query on a gateway link"] = static () => new Linked(all: false),
        ["change feed, the snapshot"] = static () => new Fed(before: false),
        ["change feed, the change"] = static () => new Fed(before: true),
    };

    /// <summary>Before anything happens to the user.</summary>
    public abstract Task OpenAsync(ServerProcess server, ulong user, ulong sign);

    /// <summary>What it shows once the user has gone.</summary>
    public abstract Task<string> GoneAsync();

    /// <summary>What it shows when, after that, a sign has changed to BUSY: nothing of the user may have come before.</summary>
    public abstract Task<string> AgainAsync();

    public abstract ValueTask DisposeAsync();

    protected static string TokenOf(ServerProcess server, string? scope = null) =>
        TestTokens.For(server, Interlocked.Increment(ref s_lastStranger), scope: scope);

    protected static string TextOf(PresenceEntry entry)
    {
        PresenceEntry shown = entry.Clone();
        shown.UserId = 0;
        shown.Version = 0;
        if (shown.HasLastActiveMs)
        {
            shown.LastActiveMs = 1_000_000 + shown.LastActiveMs - (entry.Version >> 16);
        }

        return Convert.ToHexString(shown.ToByteArray());
    }

    protected static string TextOf(JsonElement state)
    {
        long versionMs = (long)(ulong.Parse(state.Text("version")!, CultureInfo.InvariantCulture) >> 16);
        return string.Join(", ", state.EnumerateObject().Select(property => property.Name switch
        {
            "user_id" or "version" or "last_active" => property.Name,
            "last_active_ms" or "at_ms" => $"{property.Name} {long.Parse(property.Value.GetString()!, CultureInfo.InvariantCulture) - versionMs}",
            _ => property.ToString(),
        }));
    }

    private sealed class Asked(Func<RawClient, ulong, Task<PresenceBatch>> ask) : Surface
    {
        private ServerProcess _server = null!;
        private ulong _user;

        public override Task OpenAsync(ServerProcess server, ulong user, ulong sign)
        {
            (_server, _user) = (server, user);
            return Task.CompletedTask;
        }

        public override async Task<string> GoneAsync()
        {
            await using RawClient client = await RawClient.ConnectAsync(_server.Tcp);
            await client.HelloAsync(TokenOf(_server));
            return TextOf((await ask(client, _user)).Entries.Single());
        }

        public override Task<string> AgainAsync() => GoneAsync();

        public override ValueTask DisposeAsync() => default;
    }

    private sealed class Watched : Surface
    {
        private RawClient _client = null!;
        private ulong _user;
        private ulong _sign;
        private string _last = "";

        public override async Task OpenAsync(ServerProcess server, ulong user, ulong sign)
        {
            (_user, _sign) = (user, sign);
            _client = await RawClient.ConnectAsync(server.Tcp);
            await _client.HelloAsync(TokenOf(server));
            await _client.WatchAsync(1, user, sign);
        }

        public override async Task<string> GoneAsync() =>
            _last = TextOf(await _client.UpdateAsync(_user, static entry => entry.Status == Status.Offline));

        public override async Task<string> AgainAsync()
        {
            PresenceEntry next;
            do
            {
                PresenceBatch batch = await _client.ReceiveBatchAsync(static _ => true);
                next = batch.Entries.First();
                _last += next.UserId == _user ? $" then {next}" : "";
            }
            while (next.UserId != _sign || next.Status != Status.Busy);
            return _last;
        }

        public override ValueTask DisposeAsync() => _client.DisposeAsync();
    }

    private sealed class Got(bool body) : Surface
    {
        private readonly HttpClient _http = new();
        private ServerProcess _server = null!;
        private ulong _user;

        public override Task OpenAsync(ServerProcess server, ulong user, ulong sign)
        {
            (_server, _user) = (server, user);
            return Task.CompletedTask;
        }

        public override async Task<string> GoneAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{_server.Http}/users/presence{(body ? "" : $"?users={_user}")}"));
            request.Content = body ? new StringContent($$"""{"users_status":["{{_user}}"]}""", Encoding.UTF8, "application/json") : null;
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TokenOf(_server));
            using HttpResponseMessage answer = await _http.SendAsync(request);
            using JsonDocument document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            return TextOf(document.RootElement.GetProperty("users")[0]);
        }

        public override Task<string> AgainAsync() => GoneAsync();

        public override ValueTask DisposeAsync()
        {
            _http.Dispose();
            return default;
        }
    }

    /// <summary>Events of one kind; opened before the user goes, or for every look anew.</summary>
    private abstract class Events(bool before, string name) : Surface
    {
        private ServerProcess _server = null!;
        private ulong _user;
        private ulong _sign;
        private StreamClient? _stream;
        private string _last = "";

        protected bool IsOpenBefore => before;

        public override async Task OpenAsync(ServerProcess server, ulong user, ulong sign)
        {
            (_server, _user, _sign) = (server, user, sign);
            if (before)
            {
                _stream = await StreamClient.OpenAsync(new Uri($"http://{server.Http}"), Request(server, user, sign));
                await OpenedAsync(_stream, user);
            }
        }

        public override async Task<string> GoneAsync()
        {
            if (_stream is null)
            {
                await using StreamClient fresh = await StreamClient.OpenAsync(new Uri($"http://{_server.Http}"), Request(_server, _user, _sign));
                return await SnapshotAsync(fresh, _user);
            }

            return _last = TextOf(await _stream.NextAsync(name, state => state.Text("user_id") == $"{_user}" && state.Text("presence") == "offline"));
        }

        public override async Task<string> AgainAsync()
        {
            if (_stream is null)
            {
                return await GoneAsync();
            }

            JsonElement next;
            do
            {
                next = await _stream.NextAsync(name, state => state.Text("user_id") == $"{_user}" || state.Text("user_id") == $"{_sign}");
                _last += next.Text("user_id") == $"{_user}" ? $" then {next}" : "";
            }
            while (next.Text("user_id") != $"{_sign}" || next.Text("presence") != "busy");
            return _last;
        }

        public override async ValueTask DisposeAsync()
        {
            if (_stream is not null)
            {
                await _stream.DisposeAsync();
            }
        }

        protected abstract HttpRequestMessage Request(ServerProcess server, ulong user, ulong sign);

        /// <summary>Past what is said of a user who has not come yet.</summary>
        protected virtual Task OpenedAsync(StreamClient stream, ulong user) => Task.CompletedTask;

        protected abstract Task<string> SnapshotAsync(StreamClient stream, ulong user);
    }

    private sealed class Streamed(bool before) : Events(before, "presence")
    {
        protected override HttpRequestMessage Request(ServerProcess server, ulong user, ulong sign)
        {
            var request = new HttpRequestMessage(HttpMethod.Put, $"/users/presence?watch={user},{sign}")
            {
                Content = new StringContent("""{"presence":"online"}""", Encoding.UTF8, "application/json"),
            };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TokenOf(server));
            request.Headers.Accept.ParseAdd("text/event-stream");
            return request;
        }

        protected override Task OpenedAsync(StreamClient stream, ulong user) => stream.SeeAsync(user, "offline");

        protected override async Task<string> SnapshotAsync(StreamClient stream, ulong user) => TextOf(await stream.SeeAsync(user, "offline"));
    }

    private sealed class Fed(bool before) : Events(before, "change")
    {
        protected override HttpRequestMessage Request(ServerProcess server, ulong user, ulong sign)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, IsOpenBefore ? "/v1/changes?after=latest" : "/v1/changes");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TokenOf(server, "presence:changes"));
            request.Headers.Accept.ParseAdd("text/event-stream");
            return request;
        }

        // Who is offline is not in it.
        protected override async Task<string> SnapshotAsync(StreamClient stream, ulong user)
        {
            string all = "";
            while (await stream.TryNextAsync() is { Name: not "snapshot-end" } next)
            {
                all += next.Name == "presence" && next.Data.Text("user_id") == $"{user}" ? TextOf(next.Data) : "";
            }

            return all;
        }
    }

    private sealed class Linked(bool all) : Surface
    {
        private RawGateway _gateway = null!;
        private ulong _user;
        private ulong _sign;
        private ulong _request;
        private string _last = "";

        public override async Task OpenAsync(ServerProcess server, ulong user, ulong sign)
        {
            (_user, _sign) = (user, sign);
            _gateway = await RawGateway.OpenAsync(server, $"stranger-{Interlocked.Increment(ref s_lastStranger)}");
            if (all)
            {
                await _gateway.Client.SendAsync(new ClientFrame { WatchAll = new WatchAll { RequestId = ++_request } });
                await _gateway.Client.ReceiveAsync(ServerFrame.FrameOneofCase.Ack);
            }
        }

        public override async Task<string> GoneAsync() => _last = TextOf(all
            ? await _gateway.Client.UpdateAsync(_user, static entry => entry.Status == Status.Offline)
            : (await _gateway.Client.QueryAsync(++_request, _user)).Entries.Single());

        public override async Task<string> AgainAsync()
        {
            if (!all)
            {
                return await GoneAsync();
            }

            bool signed = false;
            while (!signed)
            {
                foreach (PresenceEntry entry in (await _gateway.Client.ReceiveBatchAsync(static _ => true)).Entries)
                {
                    _last += entry.UserId == _user ? $" then {entry}" : "";
                    signed |= entry.UserId == _sign && entry.Status == Status.Busy;
                }
            }

            return _last;
        }

        public override ValueTask DisposeAsync() => _gateway.DisposeAsync();
    }
}
