namespace Presence.Server.Admin;

/// <summary>A part that not every node has, with a check of its own behind /readyz. Any thread; must neither block nor throw.</summary>
internal interface INodeCheck
{
    HealthCheck Check();
}
