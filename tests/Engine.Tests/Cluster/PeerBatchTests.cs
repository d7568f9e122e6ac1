using Presence.Protocol;

namespace Presence.Engine.Tests;

public sealed class PeerBatchTests
{
    /// <summary>What collects for a node that does not read is bounded by it, and so are the bytes of a message: a question is about up to a thousand users.</summary>
    [Fact]
    public void It_weighs_as_much_as_the_users_that_it_is_about()
    {
        var batch = new PeerBatch();
        Assert.True(batch.IsEmpty);

        batch.Ask(new(1, 0, [7, 8, 9]));
        batch.Answer(new(2, [PresenceState.NeverSeen(7), PresenceState.NeverSeen(8)], AskerIsInvisible: false));
        batch.Changes[9] = PresenceState.NeverSeen(9);

        Assert.Equal(6, batch.Weight);
        Assert.False(batch.IsEmpty);
    }
}
