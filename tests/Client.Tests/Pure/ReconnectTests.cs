using CsCheck;
using Presence.Client.Connections;
using Presence.V1;
using Xunit;

namespace Presence.Client.Tests.Pure;

public sealed class ReconnectTests
{
    private static readonly TimeSpan _d = TimeSpan.FromSeconds(30);

    private static readonly Ending _lost = Ending.Lost("the cable was pulled");

    [Fact]
    public void The_nth_wait_is_anywhere_below_its_ceiling()
    {
        double lowest = 1, highest = 0;
        Gen.Select(Gen.Int, Gen.Int[0, 100]).Sample(
            (seed, failures) =>
            {
                BackOff backOff = new(new Random(seed));
                for (int i = 0; i < failures; i++)
                {
                    backOff.Next(_d);
                }
                TimeSpan ceiling = TimeSpan.FromSeconds(Math.Min(0.5 * Math.Pow(2, failures), 30));
                Assert.Equal(ceiling, backOff.Ceiling(_d));
                TimeSpan wait = backOff.Next(_d);
                Assert.InRange(wait, TimeSpan.Zero, ceiling);
                lowest = Math.Min(lowest, wait / ceiling);
                highest = Math.Max(highest, wait / ceiling);
            },
            threads: 1);
        Assert.True(lowest < 0.1 && highest > 0.9, $"Full jitter uses the whole range, not {lowest:P0} … {highest:P0}.");
    }

    [Fact]
    public void The_servers_slot_wins_exactly()
    {
        Gen.Select(Gen.Int, Gen.UInt[0, 600_000], Gen.Int[0, 10]).Sample((seed, slot, failures) =>
        {
            ReconnectPolicy policy = new(new Random(seed));
            for (int i = 0; i < failures; i++)
            {
                policy.ComeBackAfter(_lost, TimeSpan.Zero, _d);
            }
            Ending told = Ending.Told(new GoAway { CloseCode = CloseCode.Draining, ReconnectAfterMs = slot }, null);
            Assert.Equal(TimeSpan.FromMilliseconds(slot), policy.ComeBackAfter(told, TimeSpan.Zero, _d));
        });
    }

    [Fact]
    public void Codes_from_4500_on_stay_away_and_those_before_come_back()
    {
        foreach (CloseCode code in Enum.GetValues<CloseCode>().Append((CloseCode)4499).Append((CloseCode)4999))
        {
            Ending told = Ending.Told(new GoAway { CloseCode = code, ReconnectAfterMs = 5 }, null);
            bool comesBack = new ReconnectPolicy(new Random(1)).ComeBackAfter(told, _d, _d) is not null;
            Assert.Equal((int)code < 4500, comesBack);
        }
    }

    [Fact]
    public void The_back_off_grows_while_connections_are_short_and_starts_anew_after_a_life_of_d()
    {
        ReconnectPolicy policy = new(new AlwaysHighest());
        Assert.Equal(0.5, Wait(TimeSpan.Zero), 3);
        Assert.Equal(1, Wait(TimeSpan.FromSeconds(1)), 3);
        Assert.Equal(2, Wait(_d - TimeSpan.FromSeconds(1)), 3);
        Assert.Equal(0.5, Wait(_d), 3);

        double Wait(TimeSpan lived) => policy.ComeBackAfter(_lost, lived, _d)!.Value.TotalSeconds;
    }

    private sealed class AlwaysHighest : Random
    {
        public override double NextDouble() => 1 - 1e-9;
    }
}
