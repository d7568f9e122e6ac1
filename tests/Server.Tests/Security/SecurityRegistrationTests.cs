using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Presence.Server.Configuration;
using Presence.Server.Security;
using Presence.Server.Tests.Configuration;
using Xunit;

namespace Presence.Server.Tests.Security;

public sealed class SecurityRegistrationTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public async Task Development_makes_its_keys_and_believes_them()
    {
        await using ServiceProvider services = Build(Load.Development(("Presence:DataDirectory", _directory["data"])).OrThrow());

        TokenValidator users = services.GetRequiredService<TokenValidator>();
        AdminTokenValidator admins = services.GetRequiredService<AdminTokenValidator>();
        services.GetRequiredService<ResumeTokens>();

        Assert.Equal(
            ["admin-key", "resume-secret", "signing-key"],
            Directory.GetFiles(_directory["data"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        users.Accept(Mint("signing-key"));
        users.Refuse(Mint("admin-key"));
        Assert.True(admins.TryValidate(Mint("admin-key", AdminTokenValidator.Scope), out _, out _));
    }

    [Fact]
    public async Task Named_keys_are_used_alone()
    {
        string keySet = _directory.Write("jwks", Jwt.KeySet(Jwt.JwkOf(Jwt.Ec, "ec")));
        PresenceConfiguration configuration = Load.Production(
            ("Presence:DataDirectory", _directory["data"]), ("Presence:Auth:JwksFile", keySet)).OrThrow();
        await using ServiceProvider services = Build(configuration);

        foreach (IHostedService hosted in services.GetServices<IHostedService>())
        {
            await hosted.StartAsync(TestContext.Current.CancellationToken);
            await hosted.StopAsync(TestContext.Current.CancellationToken);
        }

        services.GetRequiredService<TokenValidator>().Accept(Jwt.Es256(Jwt.Payload(), header: """{"alg":"ES256","kid":"ec"}"""));
        Assert.False(File.Exists(Path.Combine(_directory["data"], "signing-key")));
    }

    public void Dispose() => _directory.Dispose();

    private static ServiceProvider Build(PresenceConfiguration configuration) => new ServiceCollection()
        .AddLogging()
        .AddSingleton<TimeProvider>(new FakeTimeProvider(Jwt.Now))
        .AddPresenceSecurity(configuration)
        .BuildServiceProvider();

    private string Mint(string file, params string[] scopes) =>
        new TokenMinter(SigningSecret.Read(Path.Combine(_directory["data"], file))).Mint(1, Jwt.Now, TimeSpan.FromMinutes(1), scopes);
}
