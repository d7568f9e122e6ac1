using Presence.Server.Configuration;

namespace Presence.Server.Privacy;

/// <summary>Puts the policy of the configuration in place. Without one, and without another that was registered before, nobody is hidden from anybody.</summary>
internal static class PrivacyRegistration
{
    public static IServiceCollection AddWatchPolicy(this IServiceCollection services, PresenceConfiguration configuration)
    {
        WatchPolicyConfiguration policy = configuration.WatchPolicy;
        if (policy.Url.Length > 0)
        {
            services.AddSingleton<IWatchPolicy>(_ => new HttpWatchPolicy(new Uri(policy.Url), HttpWatchPolicy.CreateClient(policy.Concurrency)));
        }

        return services.AddSingleton<WatchGate>();
    }
}
