using Presence.Server.Cluster;
using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Presence.Server.Security.Revoking;

namespace Presence.Server.Security;

/// <summary>
/// Puts keys, validators and resume tokens together. Reads and makes key files: the data directory must be locked before.
/// </summary>
internal static class SecurityRegistration
{
    public static IServiceCollection AddPresenceSecurity(this IServiceCollection services, PresenceConfiguration configuration) => services
        .AddSingleton(provider => CreateUserKeys(
            configuration, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<KeyRing>>()))
        .AddSingleton(provider => new TokenValidator(
            provider.GetRequiredService<KeyRing>(),
            TokenRules.From(configuration),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<RevocationRegister>()))
        .AddSingleton(provider => OpenRevocations(configuration, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => Upkeep(configuration, provider))
        .AddSingleton<GatewayTokenValidator>()
        .AddSingleton(provider => new AdminTokenValidator(
            CreateLocalAdmin(configuration, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<KeyRing>>()),
            provider.GetRequiredService<TokenValidator>()))
        // Members of a cluster have them together: a client may come back to any.
        .AddSingleton(provider => new ResumeTokens(provider.GetService<Joining>()?.ResumeSecrets ?? ResumeSecrets.ReadOrCreate(
            InData(configuration, ResumeSecrets.FileName), provider.GetRequiredService<TimeProvider>().GetUtcNow())))
        .AddHostedService<KeyRefresh>();

    /// <summary>The keys the configuration names; without any, which only Development lets pass, the one in the data directory.</summary>
    /// <exception cref="KeyFormatException">
    /// A key file cannot be used; the configuration was not validated or the file changed since.
    /// </exception>
    public static KeyRing CreateUserKeys(PresenceConfiguration configuration, TimeProvider time, ILogger<KeyRing> logger)
    {
        AuthConfiguration auth = configuration.Auth;
        VerificationKey[] fixedKeys =
            auth.SigningKeyFile.Length > 0 ? [VerificationKeyFile.Read(auth.SigningKeyFile)]
            : auth.NamesKeys() ? []
            : [VerificationKey.FromSecret(SigningSecret.ReadOrCreate(InData(configuration, SigningSecret.UserFileName)))];
        IJwksSource? source =
            auth.JwksFile.Length > 0 ? new JwksFileSource(auth.JwksFile)
            : auth.JwksUrl.Length > 0 ? new JwksUrlSource(new Uri(auth.JwksUrl), JwksUrlSource.CreateClient())
            : null;
        return new KeyRing(fixedKeys, source, auth.JwksRefreshInterval, time, logger);
    }

    // The clocks may differ by as much when the token is judged.
    private static RevocationRegister OpenRevocations(PresenceConfiguration configuration, TimeProvider time)
    {
        AuthConfiguration auth = configuration.Auth;
        return new RevocationRegister(
            OwnRevocations.Open(InData(configuration, OwnRevocations.FileName), configuration.Limits.Revocations),
            auth.MaxTokenLifetime > TimeSpan.Zero ? auth.MaxTokenLifetime + auth.ClockSkew : null,
            time);
    }

    private static RevocationUpkeep Upkeep(PresenceConfiguration configuration, IServiceProvider provider)
    {
        AuthConfiguration auth = configuration.Auth;
        return new RevocationUpkeep(
            provider.GetRequiredService<RevocationRegister>(),
            auth.RevocationFile.Length > 0 ? RevocationSource.File(auth.RevocationFile)
                : auth.RevocationUrl.Length > 0 ? RevocationSource.Url(new Uri(auth.RevocationUrl))
                : null,
            auth.RevocationRefreshInterval,
            configuration.Limits.Revocations,
            provider.GetRequiredService<ShardSet>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<RevocationUpkeep>>());
    }

    private static string InData(PresenceConfiguration configuration, string file) => Path.Combine(configuration.DataDirectory, file);

    private static TokenValidator CreateLocalAdmin(PresenceConfiguration configuration, TimeProvider time, ILogger<KeyRing> logger)
    {
        byte[] secret = SigningSecret.ReadOrCreate(InData(configuration, SigningSecret.AdminFileName));
        var keys = new KeyRing([VerificationKey.FromSecret(secret)], source: null, Timeout.InfiniteTimeSpan, time, logger);
        TokenRules rules = TokenRules.From(configuration) with { Algorithms = ["HS256"], Issuer = "", Audience = "" };
        return new TokenValidator(keys, rules, time);
    }
}
