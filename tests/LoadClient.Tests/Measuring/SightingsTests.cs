using Presence.LoadClient.Measuring;
using Presence.V1;
using Xunit;

namespace Presence.LoadClient.Tests.Measuring;

public sealed class SightingsTests
{
    private readonly Sightings _sightings = new([new View([5, 6]), new View([6])]);

    [Fact]
    public void Going_and_coming_once_is_what_was_expected()
    {
        See(0, Status.Offline, Status.Online);
        See(1, Status.Offline, Status.Online);
        Assert.Equal((3, 0), _sightings.Compare(static user => user == 6 ? 1 : 0));
    }

    [Theory]
    [InlineData(new[] { Status.Offline })]
    [InlineData(new[] { Status.Offline, Status.Online, Status.Offline, Status.Online })]
    [InlineData(new Status[0])]
    public void Any_other_number_of_times_is_wrong(Status[] seen)
    {
        See(0, Status.Offline, Status.Online);
        See(1, seen);
        Assert.Equal((3, 1), _sightings.Compare(static user => user == 6 ? 1 : 0));
    }

    private void See(int watcher, params Status[] statuses)
    {
        foreach (Status status in statuses)
        {
            _sightings.Add(watcher, user: 6, status);
        }
    }
}
