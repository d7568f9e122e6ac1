using Presence.Protocol;

namespace Presence.Engine;

/// <summary>A watch, a query or a question that waits for answers of homes.</summary>
internal sealed class PendingAnswer(ulong[] userIds, ulong[] versions)
{
    public ConnectionPort? Connection { get; init; }

    public ulong RequestId { get; init; }

    /// <summary>Set instead of a connection for a question from outside.</summary>
    public PresenceQuestion? Question { get; init; }

    /// <summary>Set instead of both for what homes are asked again, whatever our index knows.</summary>
    public Requery? Requery { get; init; }

    /// <summary>Only homes can answer it: what our index knows is what is in doubt, or another node's to know.</summary>
    public bool AsksHomes => Requery is not null || Question is { IsForHomesHere: true };

    /// <summary>What the watchers of each user have been told; null: nothing that matters.</summary>
    public PresenceState[]? Told { get; init; }

    /// <summary>Who is told; 0: nobody in particular.</summary>
    public ulong Asker => Connection?.UserId ?? Question?.Asker ?? 0;

    /// <summary>The asker's home says that the asker is invisible, which only the asker is told.</summary>
    public bool AskerIsInvisible { get; set; }

    /// <summary>Only users whose version differs are told.</summary>
    public bool OnlyNews => versions.Length > 0;

    public ulong[] UserIds { get; } = userIds;

    public PresenceState[] States { get; } = new PresenceState[userIds.Length];

    /// <summary>Homes that have not answered.</summary>
    public int Outstanding { get; set; }

    /// <summary>What the client holds of the user at a place; 0 = nothing.</summary>
    public ulong Held(int place) => versions.Length == 0 ? 0 : versions[place];
}
