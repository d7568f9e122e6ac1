using Presence.Engine;
using Presence.Server.Configuration;
using Presence.Server.Hosting;
using Xunit;

namespace Presence.Server.Tests.Hosting;

/// <summary>The step of overload, from a look a second.</summary>
public sealed class OverloadJudgeTests
{
    private static readonly OverloadConfiguration s_limits = new() { LoopLag = TimeSpan.FromMilliseconds(100), Cpu = 80 };

    [Theory]
    [InlineData(101, 0)]
    [InlineData(0, 81)]
    public void It_goes_up_a_step_in_two_seconds_and_no_further_than_the_last(int lagMs, double cpu)
    {
        var judge = new OverloadJudge(s_limits);
        OverloadStep[] steps = [.. Looks(judge, lagMs, cpu, 12)];
        Assert.Equal([0, 1, 1, 2, 2, 3, 3, 4, 4, 4, 4, 4], steps.Select(static step => (int)step));
    }

    [Fact]
    public void It_comes_down_a_step_in_ten_seconds_of_half_the_load()
    {
        var judge = new OverloadJudge(s_limits);
        Looks(judge, 200, 100, 4);
        OverloadStep[] steps = [.. Looks(judge, 50, 40, 21)];
        Assert.Equal((OverloadStep.Texts, OverloadStep.Heartbeats, OverloadStep.None), (steps[8], steps[9], steps[19]));
    }

    [Fact]
    public void In_between_it_stays_for_a_minute_and_tries_a_step_less()
    {
        var judge = new OverloadJudge(s_limits);
        Looks(judge, 200, 0, 4);
        OverloadStep[] steps = [.. Looks(judge, 80, 70, 121)];
        Assert.Equal(
            (OverloadStep.Texts, OverloadStep.Heartbeats, OverloadStep.Heartbeats, OverloadStep.None, OverloadStep.None),
            (steps[58], steps[59], steps[118], steps[119], steps[120]));
    }

    [Fact]
    public void One_look_too_many_begins_the_minute_anew()
    {
        var judge = new OverloadJudge(s_limits);
        Looks(judge, 200, 0, 2);
        for (int i = 0; i < 5; i++)
        {
            Assert.All((OverloadStep[])[.. Looks(judge, 80, 70, 59), .. Looks(judge, 101, 0, 1)], static step => Assert.Equal(OverloadStep.Heartbeats, step));
        }
    }

    [Fact]
    public void A_second_alone_is_no_overload()
    {
        var judge = new OverloadJudge(s_limits);
        for (int i = 0; i < 10; i++)
        {
            Assert.All((OverloadStep[])[.. Looks(judge, 5_000, 100, 1), .. Looks(judge, 0, 0, 1)], static step => Assert.Equal(OverloadStep.None, step));
        }
    }

    private static List<OverloadStep> Looks(OverloadJudge judge, int lagMs, double cpu, int count) => [.. Enumerable.Range(0, count).Select(_ =>
    {
        OverloadStep before = judge.Step;
        Assert.Equal(judge.Look(new NodeLoad(TimeSpan.FromMilliseconds(lagMs), cpu)), judge.Step != before);
        return judge.Step;
    })];
}
