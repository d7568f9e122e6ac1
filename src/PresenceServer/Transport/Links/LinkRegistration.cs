namespace Presence.Server.Transport.Links;

internal static class LinkRegistration
{
    public static IServiceCollection AddGatewayLinks(this IServiceCollection services) => services
        .AddSingleton<LinkRules>()
        .AddSingleton<LinkContext>()
        .AddSingleton<Gateways>()
        .AddSingleton<LinkAdmission>()
        .AddHostedService<LinkUpkeep>();
}
