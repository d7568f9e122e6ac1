using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Presence.Server.Transport.Epoll;

/// <summary>What the kernel says of a descriptor.</summary>
[Flags]
internal enum PollEvents : uint
{
    None = 0,
    Readable = 1,
    Writable = 4,
    Error = 8,
    HungUp = 0x10,
    PeerEnded = 0x2000,
    EdgeTriggered = 1u << 31,
}

/// <summary>
/// An epoll descriptor and the eventfd that ends its waits. Edge-triggered throughout: a descriptor is named once and never changed, so that neither a read
/// nor a write that blocks costs a call here.
/// </summary>
internal sealed unsafe partial class Poller : IDisposable
{
    /// <summary>What an event of <see cref="Rouse"/> is named.</summary>
    private const long RouseKey = -1;

    private const int CloseOnExec = 0x80000;
    private const int OperationAdd = 1;
    private const int OperationRemove = 2;

    // struct epoll_event is packed on x86-64 only; everywhere else its 64-bit half is aligned.
    private static readonly int s_eventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int s_keyOffset = s_eventBytes - sizeof(long);

    private readonly int _capacity;
    private readonly byte* _events;
    private readonly int _epoll;
    private readonly int _rouse;

    public Poller(int capacity)
    {
        _capacity = capacity;
        _events = (byte*)NativeMemory.Alloc((nuint)(capacity * s_eventBytes));
        _epoll = Checked(epoll_create1(CloseOnExec), "epoll_create1");
        _rouse = Checked(eventfd(0, CloseOnExec), "eventfd");
        // Never read: with the edge each write is an event of its own, and the count does not run over in any life.
        Checked(TryAdd(_rouse, RouseKey, PollEvents.Readable | PollEvents.EdgeTriggered) ? 0 : -1, "epoll_ctl");
    }

    /// <summary>Reports a descriptor from now on, at first what holds already.</summary>
    /// <returns>False when the kernel has no room for it.</returns>
    public bool TryAdd(int descriptor, long key, PollEvents events)
    {
        byte* named = stackalloc byte[16];
        *(uint*)named = (uint)events;
        *(long*)(named + s_keyOffset) = key;
        return epoll_ctl(_epoll, OperationAdd, descriptor, named) == 0;
    }

    /// <summary>Reports a descriptor no more; one that is closed need not be removed.</summary>
    public void Remove(int descriptor)
    {
        byte* unused = stackalloc byte[16];
        _ = epoll_ctl(_epoll, OperationRemove, descriptor, unused);
    }

    /// <summary>Waits for events, at most so long.</summary>
    /// <returns>How many there are, up to the capacity.</returns>
    public int Wait(int milliseconds)
    {
        int count = milliseconds == 0 ? epoll_look(_epoll, _events, _capacity, 0) : epoll_wait(_epoll, _events, _capacity, milliseconds);
        // The one error that can be is an interruption by a signal.
        return Math.Max(0, count);
    }

    /// <param name="index">Of the last <see cref="Wait"/>.</param>
    /// <param name="key">As it was added.</param>
    /// <returns>False for what only ended the wait.</returns>
    public bool TryGet(int index, out long key, out PollEvents events)
    {
        byte* at = _events + (index * s_eventBytes);
        events = (PollEvents)(*(uint*)at);
        key = *(long*)(at + s_keyOffset);
        return key != RouseKey;
    }

    /// <summary>Ends a wait that is under way. Any thread.</summary>
    public void Rouse()
    {
        long one = 1;
        _ = write(_rouse, &one, sizeof(long));
    }

    public void Dispose()
    {
        Libc.Close(_rouse);
        Libc.Close(_epoll);
        NativeMemory.Free(_events);
    }

    private static int Checked(int result, string call) =>
        result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{call} failed: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int descriptor, byte* named);

    [LibraryImport("libc")]
    private static partial int epoll_wait(int epoll, byte* events, int capacity, int milliseconds);

    // The same, for a look that does not wait.
    [SuppressGCTransition]
    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    private static partial int epoll_look(int epoll, byte* events, int capacity, int milliseconds);

    [LibraryImport("libc")]
    private static partial nint write(int descriptor, long* value, nint count);
}
