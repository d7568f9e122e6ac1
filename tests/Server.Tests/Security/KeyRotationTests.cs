using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using Presence.Server.Security;
using Xunit;

namespace Presence.Server.Tests.Security;

public sealed class KeyRotationTests : IDisposable
{
    private static readonly string _oldToken = Jwt.Hs256(Jwt.Payload("1"), Jwt.Secret, """{"alg":"HS256","kid":"old"}""");
    private static readonly string _newToken = Jwt.Hs256(Jwt.Payload("2"), Jwt.OtherSecret, """{"alg":"HS256","kid":"new"}""");
    private static readonly string _oldKey = Jwt.JwkOf(Jwt.Secret, "old");
    private static readonly string _newKey = Jwt.JwkOf(Jwt.OtherSecret, "new");

    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(Jwt.Now);

    [Fact]
    public async Task Keys_in_a_file_are_rotated_without_a_restart()
    {
        KeyRing ring = Validator.Ring([], new JwksFileSource(_directory["jwks"]));
        TokenValidator validator = Validator.Create(ring);
        Assert.Equal(TokenRejectionReason.KeysUnavailable, validator.Refuse(_oldToken).Reason);

        await Write(_oldKey);
        validator.Accept(_oldToken);
        Assert.Equal(TokenRejectionReason.KeysUnavailable, validator.Refuse(_newToken).Reason);

        await Write(_oldKey, _newKey);
        validator.Accept(_oldToken);
        validator.Accept(_newToken);

        await Write(_newKey);
        Assert.Equal(TokenRejectionReason.UnknownKey, validator.Refuse(_oldToken).Reason);
        validator.Accept(_newToken);

        async Task Write(params string[] keys)
        {
            _directory.Write("jwks", Jwt.KeySet(keys));
            await ring.RefreshAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task File_that_is_gone_or_damaged_leaves_the_keys_in_use()
    {
        KeyRing ring = Validator.Ring([], new JwksFileSource(_directory.Write("jwks", Jwt.KeySet(_oldKey))));
        await ring.RefreshAsync(CancellationToken.None);

        _directory.Write("jwks", """{"keys":[""");
        await ring.RefreshAsync(CancellationToken.None);
        Validator.Create(ring).Accept(_oldToken);

        File.Delete(_directory["jwks"]);
        await ring.RefreshAsync(CancellationToken.None);
        Validator.Create(ring).Accept(_oldToken);
    }

    [Fact]
    public async Task Address_that_is_down_leaves_the_keys_in_use()
    {
        var server = new StubServer { Answer = Jwt.KeySet(Jwt.JwkOf(Jwt.Ec, "ec"), _oldKey) };
        KeyRing ring = Validator.Ring([], new JwksUrlSource(new Uri("https://id.example/jwks"), new HttpClient(server)));
        string token = Jwt.Es256(Jwt.Payload(), header: """{"alg":"ES256","kid":"ec"}""");
        await ring.RefreshAsync(CancellationToken.None);
        Validator.Create(ring).Accept(token);
        Assert.Equal(TokenRejectionReason.KeysUnavailable, Validator.Create(ring).Refuse(_oldToken).Reason);

        foreach (string? answer in new[] { null, "<html>", Jwt.KeySet(_oldKey) })
        {
            server.Answer = answer;
            await ring.RefreshAsync(CancellationToken.None);
            Validator.Create(ring).Accept(token);
        }

        Assert.Equal(4, server.Asked);
    }

    [Fact]
    public async Task Unknown_key_id_asks_again_but_not_more_often_than_allowed()
    {
        var source = new CountingSource(Jwt.KeySet(_oldKey));
        KeyRing ring = Validator.Ring([], source, _time);
        TokenValidator validator = Validator.Create(ring);
        await ring.RefreshAsync(CancellationToken.None);
        using var stop = new CancellationTokenSource();
        Task running = ring.RunAsync(stop.Token);
        source.Text = Jwt.KeySet(_oldKey, _newKey);

        // Too soon: asked for by any number of tokens, and read once for all of them as soon as it may be.
        for (int i = 0; i < 1_000; i++)
        {
            TokenRejection rejection = validator.Refuse(_newToken);
            Assert.Equal((TokenRejectionReason.KeysUnavailable, KeyRing.MinRefreshInterval), (rejection.Reason, rejection.UntilRead));
        }

        Assert.Equal(1, source.Reads);
        while (source.Reads == 1)
        {
            _time.Advance(KeyRing.MinRefreshInterval);
            await Task.Yield();
        }

        await Until(() => validator.TryValidate(_newToken, out _, out _));

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Key_is_unknown_for_good_once_a_set_lacks_it_that_was_read_after_it_was_asked_for()
    {
        var source = new CountingSource(Jwt.KeySet(_oldKey)) { Gate = new TaskCompletionSource() };
        KeyRing ring = Validator.Ring([VerificationKey.FromSecret(Jwt.Secret)], source, _time);
        TokenValidator validator = Validator.Create(ring);

        Task underWay = ring.RefreshAsync(CancellationToken.None);
        Assert.Equal(TokenRejectionReason.KeysUnavailable, validator.Refuse(_newToken).Reason);
        source.Gate.SetResult();
        await underWay;
        Assert.Equal(TokenRejectionReason.KeysUnavailable, validator.Refuse(_newToken).Reason);

        source.Text = "<html>";
        await ring.RefreshAsync(CancellationToken.None);
        Assert.Equal(TokenRejectionReason.KeysUnavailable, validator.Refuse(_newToken).Reason);

        source.Text = Jwt.KeySet(_oldKey);
        await ring.RefreshAsync(CancellationToken.None);
        Assert.Equal(TokenRejectionReason.UnknownKey, validator.Refuse(_newToken).Reason);

        source.Text = Jwt.KeySet(_newKey);
        await ring.RefreshAsync(CancellationToken.None);
        validator.Accept(_newToken);
    }

    [Fact]
    public void Flood_of_key_ids_forgets_and_turns_nobody_away()
    {
        var awaited = new AwaitedKeys();
        Assert.True(awaited.MayCome("new"));
        awaited.Succeed(awaited.Begin());
        Assert.False(awaited.MayCome("new"));

        for (int i = 0; i < AwaitedKeys.Capacity; i++)
        {
            Assert.True(awaited.MayCome($"made up {i}"));
        }

        Assert.True(awaited.MayCome("new"));
        awaited.Succeed(awaited.Begin());
        Assert.False(awaited.MayCome("new"));
    }

    [Fact]
    public async Task Key_set_is_read_again_every_interval()
    {
        var source = new CountingSource(Jwt.KeySet(_oldKey));
        KeyRing ring = Validator.Ring([], source, _time);
        using var stop = new CancellationTokenSource();
        Task running = ring.RunAsync(stop.Token);

        for (int reads = 1; reads <= 3; reads++)
        {
            _time.Advance(TimeSpan.FromMinutes(5));
            await source.Read(reads);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Validation_does_not_wait_for_a_source_that_does_not_answer()
    {
        var source = new CountingSource(Jwt.KeySet(_oldKey));
        KeyRing ring = Validator.Ring([], source, _time);
        await ring.RefreshAsync(CancellationToken.None);
        source.Gate = new TaskCompletionSource();

        Task refresh = ring.RefreshAsync(CancellationToken.None);

        Assert.False(refresh.IsCompleted);
        Validator.Create(ring).Accept(_oldToken);
        source.Gate.SetResult();
        await refresh;
    }

    [Fact]
    public void Token_that_names_no_key_costs_a_bounded_number_of_checks()
    {
        byte[][] secrets = [.. Enumerable.Range(0, VerificationKeys.MaxTrials + 1).Select(static i => Enumerable.Repeat((byte)i, 32).ToArray())];
        KeyRing ring = Validator.Ring(secrets.Select(static (secret, i) => VerificationKey.FromSecret(secret, $"k{i}")));
        TokenValidator validator = Validator.Create(ring);

        validator.Accept(Jwt.Hs256(Jwt.Payload(), secrets[VerificationKeys.MaxTrials - 1]));
        Assert.Equal(TokenRejectionReason.BadSignature, validator.Refuse(Jwt.Hs256(Jwt.Payload(), secrets[VerificationKeys.MaxTrials])).Reason);
        validator.Accept(Jwt.Hs256(Jwt.Payload(), secrets[VerificationKeys.MaxTrials], $$"""{"alg":"HS256","kid":"k{{VerificationKeys.MaxTrials}}"}"""));
        validator.Refuse(Jwt.Hs256(Jwt.Payload(), secrets[0], """{"alg":"HS256","kid":"k1"}"""));
    }

    public void Dispose() => _directory.Dispose();

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class CountingSource(string text) : IJwksSource
    {
        private readonly Channel<int> _reads = Channel.CreateUnbounded<int>();

        public string Name => "counting";

        public bool SecretsAllowed => true;

        public string Text { get; set; } = text;

        public int Reads { get; private set; }

        public TaskCompletionSource? Gate { get; set; }

        public async Task<string> ReadAsync(CancellationToken cancel)
        {
            Reads++;
            _reads.Writer.TryWrite(Reads);
            await (Gate?.Task ?? Task.CompletedTask);
            return Text;
        }

        /// <summary>Until it was read so often.</summary>
        public async Task Read(int times)
        {
            while (await _reads.Reader.ReadAsync(TestContext.Current.CancellationToken) < times)
            {
            }
        }
    }

    private sealed class StubServer : HttpMessageHandler
    {
        /// <summary>Null: the connection is refused.</summary>
        public string? Answer { get; set; }

        public int Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked++;
            return Answer is null
                ? throw new HttpRequestException("Connection refused")
                : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = Body(Answer) });
        }

        // A charset that the library does not know, and throws at.
        private static StringContent Body(string text)
        {
            var content = new StringContent(text);
            content.Headers.ContentType!.CharSet = "utf8mb4";
            return content;
        }
    }
}
