using Microsoft.AspNetCore.Mvc;

namespace Presence.Server.Http;

/// <summary>
/// Gives the errors of routing, middleware and exception handling the form of all others. Must be registered before the framework's own.
/// </summary>
internal sealed class ProblemWriter : IProblemDetailsWriter
{
    // Also for a client that accepts something else: a problem in the wrong form says more than none.
    public bool CanWrite(ProblemDetailsContext context) => true;

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        ProblemDetails details = context.ProblemDetails;
        await Problem.OfStatus(details.Status ?? context.HttpContext.Response.StatusCode, details.Detail).WriteAsync(context.HttpContext);
    }
}
