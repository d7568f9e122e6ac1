using CsCheck;
using Presence.Client.Session;
using Presence.V1;
using Xunit;

namespace Presence.Client.Tests.Pure;

public sealed class ViewMergeTests
{
    private static readonly Gen<PresenceEntry> _entry =
        Gen.Select(Gen.ULong[1, 20], Gen.Int[1, 4]).Select((version, status) => Entry(version, (Status)status));

    [Fact]
    public void The_newest_version_wins_in_any_order()
    {
        int reordered = 0;
        Gen.Select(_entry.List[2, 30], Gen.Int).Sample((entries, seed) =>
        {
            // One version is one state.
            List<PresenceEntry> distinct = [.. entries.DistinctBy(entry => entry.Version)];
            PresenceEntry[] shuffled = [.. distinct];
            new Random(seed).Shuffle(shuffled);
            Interlocked.Add(ref reordered, shuffled.SequenceEqual(distinct) ? 0 : 1);
            PresenceView? view = null;
            ulong highest = 0;
            foreach (PresenceEntry entry in shuffled)
            {
                view = ViewMerge.Merge(view, entry);
                highest = Math.Max(highest, entry.Version);
                Assert.Equal(highest, view.Version);
            }
            Assert.Equal(distinct.MaxBy(entry => entry.Version)!.Status, view!.Status);
        });
        Assert.True(reordered > 10);
    }

    [Fact]
    public void An_older_entry_leaves_the_same_view()
    {
        PresenceView held = ViewMerge.View(Entry(5, Status.Online));
        Assert.Same(held, ViewMerge.Merge(held, Entry(4, Status.Offline)));
    }

    [Fact]
    public void Reset_lowers_the_version()
    {
        PresenceView held = ViewMerge.View(Entry(500, Status.Online));
        PresenceEntry reset = Entry(7, Status.Offline);
        reset.Reset = true;
        PresenceView merged = ViewMerge.Merge(held, reset);
        Assert.Equal((7ul, Status.Offline), (merged.Version, merged.Status));
    }

    [Fact]
    public void Unknown_marks_what_is_held_as_stale_and_keeps_its_version()
    {
        PresenceView held = ViewMerge.View(Entry(5, Status.Busy));
        PresenceView merged = ViewMerge.Merge(held, new PresenceEntry { UserId = 1, Version = 9, Status = Status.Unknown, AsOfMs = 1_000 });
        Assert.Equal((5ul, Status.Busy, true), (merged.Version, merged.Status, merged.IsStale));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1), merged.AsOf);
        PresenceView told = ViewMerge.Merge(merged, Entry(5, Status.Busy));
        Assert.True(told is { IsStale: false, AsOf: null });
    }

    [Fact]
    public void The_word_after_unknown_holds_whatever_its_version()
    {
        PresenceView stale = ViewMerge.Merge(ViewMerge.View(Entry(500, Status.Online)), new PresenceEntry { UserId = 1, Status = Status.Unknown });
        PresenceView merged = ViewMerge.Merge(stale, Entry(7, Status.Offline));
        Assert.Equal((7ul, Status.Offline, false), (merged.Version, merged.Status, merged.IsStale));
        Assert.Same(merged, ViewMerge.Merge(merged, Entry(6, Status.Online)));
    }

    [Fact]
    public void Unknown_is_shown_only_where_nothing_was_known()
    {
        PresenceView merged = ViewMerge.Merge(null, new PresenceEntry { UserId = 1, Status = Status.Unknown });
        Assert.True(merged is { Version: 0, Status: Status.Unknown, IsStale: true });
    }

    [Fact]
    public void Every_field_is_carried_over()
    {
        PresenceEntry entry = new()
        {
            UserId = 42,
            Version = 7,
            Status = Status.Offline,
            LastActiveMs = 1_700_000_000_123,
            StatusText = "back soon",
            DeviceKinds = { DeviceKind.Web, DeviceKind.Mobile },
        };
        PresenceView view = ViewMerge.View(entry);
        Assert.Equal(42ul, view.UserId);
        Assert.Equal(1_700_000_000_123, view.LastActive!.Value.ToUnixTimeMilliseconds());
        Assert.Equal("back soon", view.StatusText);
        Assert.Equal([DeviceKind.Web, DeviceKind.Mobile], view.Devices);
    }

    [Fact]
    public void A_last_active_beyond_the_calendar_is_no_exception() =>
        Assert.Null(ViewMerge.View(new PresenceEntry { UserId = 1, LastActiveMs = ulong.MaxValue }).LastActive);

    private static PresenceEntry Entry(ulong version, Status status) => new() { UserId = 1, Version = version, Status = status };
}
