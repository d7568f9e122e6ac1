using Microsoft.AspNetCore.Server.Kestrel.Core;
using Presence.Server.Configuration;
using Presence.Server.Storage.Shared;

namespace Presence.Server.Http;

/// <summary>The HTTP API: what it needs, and its addresses.</summary>
internal static class HttpApi
{
    public const string Path = "/users/presence";

    /// <summary>Registers the API. Before AddProblemDetails: the first writer of problems that can, does.</summary>
    public static IServiceCollection AddHttpApi(this IServiceCollection services, PresenceConfiguration configuration) => services
        .AddSingleton<BearerToken>()
        .AddSingleton<NewCallers>()
        .AddSingleton<CallerRates>()
        .AddSingleton<StatusEndpoint>()
        .AddSingleton<QuestionEndpoint>()
        .AddSingleton<ChangesEndpoint>()
        .AddChangeFeeds()
        .AddSingleton<EventStreams>()
        .AddSingleton<StreamBeats>()
        .AddHostedService(static provider => provider.GetRequiredService<StreamBeats>())
        .AddSingleton<IProblemDetailsWriter, ProblemWriter>()
        .Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestLineSize = RequestLineBytes(configuration.Limits))
        .AddApiDocument();

    public static void MapHttpApi(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPut(Path, static (HttpContext http, StatusEndpoint endpoint) => endpoint.AnswerAsync(http)).DescribeStatus();
        endpoints.MapGet(Path, static (HttpContext http, QuestionEndpoint endpoint) => endpoint.AnswerAsync(http)).DescribeQuestion();
        endpoints.MapGet(ChangesEndpoint.Path, static (HttpContext http, ChangesEndpoint endpoint) => endpoint.AnswerAsync(http)).DescribeChanges();
        endpoints.MapOpenApi("/openapi/v1.json");
    }

    // A member of a cluster follows the changes of all.
    private static IServiceCollection AddChangeFeeds(this IServiceCollection services) => services
        .AddSingleton<ChangeSnapshot>()
        .AddSingleton<IChangeFeeds>(static provider => provider.GetService<SharedChanges>() is null
            ? ActivatorUtilities.CreateInstance<JournalFeeds>(provider)
            : ActivatorUtilities.CreateInstance<SharedFeeds>(provider, ActivatorUtilities.CreateInstance<SharedSnapshot>(provider)));

    // As many ids as a request may name, each with its comma, and room for the rest.
    private static int RequestLineBytes(LimitsConfiguration limits)
    {
        const int LongestId = 19;
        const int Rest = 4_096;
        return (Math.Max(limits.WatchIds, limits.QueryIds) * (LongestId + 1)) + Rest;
    }
}
