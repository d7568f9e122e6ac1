namespace Presence.Engine.Tests;

/// <summary>What a node waits for while another comes: that it takes what is said, and that who is up is known.</summary>
public sealed class WaitingForNodesTests
{
    [Fact]
    public void A_shard_says_at_once_that_a_node_takes_what_it_says_and_of_a_stranger_that_there_is_nothing_to_wait_for()
    {
        using var nodes = new NodesWorld(1, 1);

        Assert.True(Takes(nodes, 1)());
        Assert.True(Takes(nodes, 7)());
    }

    [Fact]
    public void Of_a_node_that_cannot_be_reached_it_is_said_when_it_can()
    {
        using var nodes = new NodesWorld(1, 1);
        nodes.CutOff(1);
        // What is not taken begins the channel anew.
        nodes.Advance(2_000);
        Func<bool> takes = Takes(nodes, 1);

        nodes.Advance(1_000);
        Assert.False(takes());

        nodes.Cut.Clear();
        nodes.Advance(200);
        Assert.True(takes());
    }

    [Fact]
    public void Nobody_waits_for_a_node_that_is_gone()
    {
        using var nodes = new NodesWorld(1, 1);
        nodes.CutOff(1);
        nodes.Advance(2_000);
        Func<bool> takes = Takes(nodes, 1);

        nodes.Expel(1);

        Assert.True(takes());
    }

    [Fact]
    public void A_home_is_warm_once_all_nodes_have_named_who_is_up()
    {
        using var nodes = new NodesWorld(1, 1);
        nodes.Follow(0);
        nodes.FollowLate(late: 0, 0, 1);
        bool isWarm = false;
        Assert.True(nodes[1].Shards[0].Inbox.TryPostLiveness(new HomeWarms(() => isWarm = true)));
        nodes.Settle();
        Assert.False(isWarm);

        nodes.CatchUp();

        Assert.True(isWarm);
    }

    private static Func<bool> Takes(NodesWorld nodes, int node)
    {
        int told = 0;
        Assert.True(nodes[0].Shards[0].Inbox.TryPostLiveness(new NodeTakes(node, () => told++)));
        nodes.Settle();
        return () =>
        {
            Assert.InRange(told, 0, 1);
            return told == 1;
        };
    }
}
