using Presence.LoadClient.Links;
using Xunit;

namespace Presence.LoadClient.Tests.Links;

public sealed class SettlingTests
{
    private readonly Settling _settling = new(TimeSpan.FromSeconds(5));

    [Fact]
    public void A_change_is_settled_a_grace_after_its_frame_was_taken()
    {
        _settling.Add(seq: 7, below: 100);
        _settling.Add(seq: 9, below: 200);
        Assert.Equal(0, Below(acked: 6, at: 60));
        Assert.Equal(0, Below(acked: 8, at: 61));
        Assert.Equal(0, Below(acked: 8, at: 65.9));
        Assert.Equal(100, Below(acked: 8, at: 66));
        Assert.Equal(100, Below(acked: 9, at: 67));
        Assert.Equal(200, Below(acked: 9, at: 72));
    }

    [Fact]
    public void What_was_not_taken_when_numbers_began_anew_is_settled_with_what_follows()
    {
        _settling.Add(seq: 7, below: 100);
        _settling.Forget();
        Assert.Equal(0, Below(acked: 8, at: 10));
        _settling.Add(seq: 20, below: 150);
        Below(acked: 20, at: 30);
        Assert.Equal(150, Below(acked: 20, at: 35));
    }

    private long Below(ulong acked, double at) => _settling.Below(acked, TimeSpan.FromSeconds(at));
}
