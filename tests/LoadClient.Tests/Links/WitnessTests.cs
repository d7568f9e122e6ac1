using Presence.LoadClient.Links;
using Xunit;

namespace Presence.LoadClient.Tests.Links;

public sealed class WitnessTests
{
    [Fact]
    public void All_changes_once_in_any_order_are_all_changes()
    {
        var witness = new Witness();
        foreach (long change in (long[])[2, 0, 3, 1])
        {
            witness.Tell(change);
        }

        Assert.True(witness.HasSeenAll(below: 4));
        Assert.False(witness.HasSeenAll(below: 5));
    }

    [Fact]
    public void One_twice_and_one_never_is_not_all()
    {
        var witness = new Witness();
        foreach (long change in (long[])[0, 1, 1, 3])
        {
            witness.Tell(change);
        }

        Assert.False(witness.HasSeenAll(below: 4));
    }

    [Fact]
    public void Who_comes_later_is_not_whole()
    {
        var witness = new Witness();
        witness.Begin(from: 0);
        Assert.True(witness.IsWhole);
        witness.Begin(from: 10);
        Assert.False(witness.IsWhole);
    }
}
