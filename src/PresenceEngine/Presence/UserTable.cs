using System.Runtime.CompilerServices;

namespace Presence.Engine;

/// <summary>
/// The users of a shard by id, with their devices. A device is named by a <c>node</c>: twice the index of its slab slot, plus one for an
/// extra device; nodes stay the same as long as the device lives (wheel, connections and texts refer to them).
/// </summary>
internal sealed class UserTable : IDisposable
{
    public const int None = -1;

    /// <summary>Users that are guessed at a time.</summary>
    public const int Group = IdIndex<EntryKeys>.Group;

    private readonly Slab<UserEntry> _entries = new();
    private readonly Slab<ExtraDevice> _extras = new();
    private readonly IdIndex<EntryKeys> _index;
    private readonly int _most;

    /// <param name="seed">Of the index.</param>
    /// <param name="most">Users before <see cref="HasRoom"/> is false.</param>
    public UserTable(ulong seed, int most = ShardOptions.MostUsers)
    {
        _most = most;
        _index = new(new EntryKeys(_entries), seed);
        WheelNodes = new Nodes(_entries, _extras);
    }

    /// <summary>Users with at least one device, or being loaded.</summary>
    public int Count => _index.Count;

    /// <summary>Another user may come.</summary>
    public bool HasRoom => Count < _most;

    /// <summary>Another user can be added at all: <see cref="HasRoom"/> is false long before.</summary>
    public bool HasSlot => Count <= IdIndex<EntryKeys>.MaxIndex;

    /// <summary>Devices of all users that are not gone.</summary>
    public int Devices { get; private set; }

    /// <summary>Slots in use, of entries and of extra devices.</summary>
    public int Slots => _entries.Count + _extras.Count;

    public Nodes WheelNodes { get; }

    /// <summary>Bound of a walk over all entries; free slots have user id 0 or garbage below it, see <see cref="IsUsed"/>.</summary>
    public int HighWater => _entries.HighWater;

    public long Bytes => _entries.Bytes + _extras.Bytes + _index.Bytes;

    /// <summary>
    /// Slots of devices, used or not: the bound of a walk over all of them. Grows between the slices of a walk; then some are looked at
    /// again.
    /// </summary>
    public int DeviceSlots => _entries.HighWater + _extras.HighWater;

    public ref UserEntry this[int entry] => ref _entries[entry];

    public int Find(ulong userId) => _index.Find(userId);

    /// <summary>Where users probably are; many are asked for at the same time. For <see cref="Find(ulong, int)"/>.</summary>
    /// <param name="userIds">At most <see cref="Group"/>.</param>
    /// <param name="hints">One for each.</param>
    public void Guess(ReadOnlySpan<ulong> userIds, Span<int> hints) => _index.Guess(userIds, hints);

    /// <summary>The entry of a user, looked for first where it was guessed to be.</summary>
    public int Find(ulong userId, int hint)
    {
        if (hint >= 0)
        {
            // A free slot may have any id, but no device.
            ref UserEntry user = ref _entries[hint];
            if (user.UserId == userId && user.Devices > 0)
            {
                return hint;
            }
        }

        return _index.Find(userId);
    }

    /// <summary>True when a slot holds a user; for walks over all slots.</summary>
    public bool IsUsed(int entry) => _entries[entry].UserId is var id && id != 0 && _index.Find(id) == entry;

    public void PrefetchEntry(int entry) => _entries.Prefetch(entry);

    public int Add(ulong userId)
    {
        int entry = _entries.Allocate();
        ref UserEntry user = ref _entries[entry];
        user.UserId = userId;
        user.More = UserEntry.NoMore;
        user.Visible = V1.Status.Offline;
        user.First.Connection = Device.NoConnection;
        _index.Add(userId, entry);
        return entry;
    }

    /// <summary>Forgets a user without devices.</summary>
    public void Remove(int entry)
    {
        _index.Remove(_entries[entry].UserId);
        _entries.Free(entry);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref Device DeviceAt(int node) => ref (node & 1) == 0 ? ref _entries[node >> 1].First : ref _extras[node >> 1].Device;

    /// <summary>The node of a slot of devices; of an unused one the device is Gone and on no link.</summary>
    public int NodeAt(int slot) => slot < _entries.HighWater ? slot << 1 : ((slot - _entries.HighWater) << 1) | 1;

    public int OwnerOf(int node) => (node & 1) == 0 ? node >> 1 : _extras[node >> 1].Owner;

    /// <inheritdoc cref="FindDevice(int, ulong)"/>
    public int FindDeviceOf(ulong userId, ulong key) => Find(userId) is >= 0 and var entry ? FindDevice(entry, key) : None;

    /// <summary>The node of a user's device, or <see cref="None"/>.</summary>
    public int FindDevice(int entry, ulong key)
    {
        ref Device first = ref _entries[entry].First;
        if (first.Key == key && first.State != DeviceState.Gone)
        {
            return entry << 1;
        }

        foreach (int node in DevicesOf(entry))
        {
            if (DeviceAt(node).Key == key)
            {
                return node;
            }
        }

        return None;
    }

    public int AddDevice(int entry)
    {
        ref UserEntry user = ref _entries[entry];
        user.Devices++;
        Devices++;
        if (user.First.State == DeviceState.Gone)
        {
            user.First = new Device { Connection = Device.NoConnection, State = DeviceState.Live };
            return entry << 1;
        }

        int extra = _extras.Allocate();
        _extras[extra] = new ExtraDevice
        {
            Device = new Device { Connection = Device.NoConnection, State = DeviceState.Live },
            Owner = entry,
            Next = user.More,
        };
        user.More = extra;
        return (extra << 1) | 1;
    }

    /// <summary>Frees a device's record; it is off the wheel already.</summary>
    public void RemoveDevice(int node)
    {
        int entry = OwnerOf(node);
        ref UserEntry user = ref _entries[entry];
        user.Devices--;
        Devices--;
        if ((node & 1) == 0)
        {
            user.First = new Device { Connection = Device.NoConnection };
            return;
        }

        int extra = node >> 1;
        if (user.More == extra)
        {
            user.More = _extras[extra].Next;
        }
        else
        {
            int before = user.More;
            while (_extras[before].Next != extra)
            {
                before = _extras[before].Next;
            }

            _extras[before].Next = _extras[extra].Next;
        }

        _extras.Free(extra);
    }

    /// <summary>The nodes of a user's devices, gone ones left out.</summary>
    public DeviceNodes DevicesOf(int entry) => new(this, entry);

    public void Dispose()
    {
        _index.Dispose();
        _extras.Dispose();
        _entries.Dispose();
    }

    internal struct DeviceNodes(UserTable users, int entry)
    {
        private bool _started;
        private int _extra;

        public int Current { get; private set; }

        public readonly DeviceNodes GetEnumerator() => this;

        public bool MoveNext()
        {
            if (!_started)
            {
                _started = true;
                ref UserEntry user = ref users._entries[entry];
                _extra = user.More;
                Current = entry << 1;
                if (user.First.State != DeviceState.Gone)
                {
                    return true;
                }
            }

            while (_extra != UserEntry.NoMore)
            {
                Current = (_extra << 1) | 1;
                ref ExtraDevice extra = ref users._extras[_extra];
                _extra = extra.Next;
                if (extra.Device.State != DeviceState.Gone)
                {
                    return true;
                }
            }

            return false;
        }
    }

    internal readonly struct Nodes(Slab<UserEntry> entries, Slab<ExtraDevice> extras) : IWheelNodes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Prefetch(int node)
        {
            if ((node & 1) == 0)
            {
                entries.Prefetch(node >> 1);
            }
            else
            {
                extras.Prefetch(node >> 1);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ref WheelLink Link(int node) =>
            ref (node & 1) == 0 ? ref entries[node >> 1].First.Link : ref extras[node >> 1].Device.Link;
    }

    private readonly struct EntryKeys(Slab<UserEntry> entries) : IKeyed
    {
        public ulong KeyOf(int index) => entries[index].UserId;

        public void Prefetch(int index) => entries.Prefetch(index);
    }
}
