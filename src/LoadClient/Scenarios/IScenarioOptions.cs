namespace Presence.LoadClient.Scenarios;

/// <summary>What the command line says of one scenario.</summary>
internal interface IScenarioOptions
{
    /// <summary>User ids that it takes, from <c>--first-user</c> on.</summary>
    long Users { get; }

    /// <summary>The first thing that is wrong with it, with what is right; null: nothing.</summary>
    string? Fault();
}
