using Presence.LoadClient.Connections;
using Presence.LoadClient.Scenarios.Read;
using Presence.V1;
using Xunit;

namespace Presence.LoadClient.Tests.Scenarios;

public sealed class AnswerCheckTests
{
    private static readonly SeenEntry s_entry = new(7, 1, Status.Online);

    private readonly AnswerCheck _check = new();

    [Theory]
    [InlineData(new[] { 2, 0, 1 }, 0, 0)]
    [InlineData(new[] { 0, 1 }, 0, 1)]
    [InlineData(new[] { 0, 1, 1 }, 1, 1)]
    [InlineData(new[] { 0, 1, 2, -1 }, 1, 0)]
    [InlineData(new[] { 0, 1, 2, 3 }, 1, 0)]
    public void Every_id_is_answered_once_and_no_other(int[] places, int wrong, int missing)
    {
        // Twice: nothing is left over from one answer to the next.
        for (int n = 1; n <= 2; n++)
        {
            _check.Begin(ids: 3);
            foreach (int place in places)
            {
                _check.Entry(s_entry, place, isRight: true);
            }

            _check.End();
            Assert.Equal((n * wrong, n * missing), (_check.Wrong, _check.Missing));
        }
    }

    [Fact]
    public void What_is_not_the_truth_is_told()
    {
        _check.Begin(ids: 1);
        _check.Entry(s_entry, 0, isRight: false);
        _check.End();
        Assert.Contains("user 7 was answered as Online version 1", Assert.Single(_check.First), StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_and_ids_of_the_asked_fit()
    {
        var users = new AskedUsers(firstUser: 100, known: 10, neverSeen: 3);
        Assert.Equal(Enumerable.Range(0, 13), Enumerable.Range(0, 13).Select(number => users.NumberOf(users.IdOf(number))));
        Assert.Equal([-1, -1, -1], new ulong[] { 99, 110, long.MaxValue - 3 }.Select(users.NumberOf));
        Assert.All(Enumerable.Range(0, 13).Select(users.IdOf), static id => Assert.InRange(id, 1UL, (ulong)long.MaxValue));
    }
}
