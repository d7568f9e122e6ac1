using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Presence.LoadClient.Connections;

/// <summary>What a socket is ready for.</summary>
[Flags]
internal enum Readiness : uint
{
    None = 0,
    Readable = 0x1,
    Writable = 0x4,
    Failed = 0x8,
    HungUp = 0x10,
}

/// <summary>
/// Linux epoll over the sockets of one thread, level-triggered. One thread and no async state per socket is what lets one generator hold as
/// many connections as the server it measures and still leave it the machine.
/// </summary>
internal sealed partial class Epoll : IDisposable
{
    private const int Add = 1;
    private const int Remove = 2;
    private const int Modify = 3;
    private const int CloseOnExec = 0x80000;
    private const int Interrupted = 4;

    // struct epoll_event has no padding on x64 and has it elsewhere.
    private static readonly int _eventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private readonly byte[] _events;
    private readonly int _epoll;

    /// <param name="batch">The most sockets that one wait reports.</param>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public Epoll(int batch)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("LoadClient needs Linux: it drives its sockets with epoll.");
        }

        _events = new byte[batch * _eventBytes];
        _epoll = epoll_create1(CloseOnExec);
        Check(_epoll, "epoll_create1");
    }

    public void Watch(Socket socket, Readiness readiness) => Control(Add, Handle(socket), readiness);

    public void Change(Socket socket, Readiness readiness) => Control(Modify, Handle(socket), readiness);

    public void Forget(Socket socket) => Control(Remove, Handle(socket), Readiness.None);

    /// <summary>The number by which <see cref="Ready"/> names a socket.</summary>
    public static int Handle(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle();

    /// <summary>Waits until a socket is ready or the time is over, to the microsecond as far as the kernel's timers go.</summary>
    /// <returns>How many are ready.</returns>
    public unsafe int Wait(TimeSpan atMost)
    {
        (long seconds, long ticks) = Math.DivRem(atMost.Ticks, TimeSpan.TicksPerSecond);
        var time = new Timespec { Seconds = seconds, Nanoseconds = ticks * TimeSpan.NanosecondsPerTick };
        fixed (byte* events = _events)
        {
            int count = epoll_pwait2(_epoll, events, _events.Length / _eventBytes, &time, null);
            if (count < 0 && Marshal.GetLastPInvokeError() == Interrupted)
            {
                return 0;
            }

            Check(count, "epoll_pwait2");
            return count;
        }
    }

    /// <summary>One of the sockets that the last <see cref="Wait"/> reported.</summary>
    public (int Handle, Readiness Readiness) Ready(int index)
    {
        ReadOnlySpan<byte> entry = _events.AsSpan(index * _eventBytes, _eventBytes);
        return (MemoryMarshal.Read<int>(entry[(_eventBytes - sizeof(ulong))..]), (Readiness)MemoryMarshal.Read<uint>(entry));
    }

    public void Dispose() => _ = close(_epoll);

    private unsafe void Control(int operation, int handle, Readiness readiness)
    {
        byte* entry = stackalloc byte[_eventBytes];
        *(uint*)entry = (uint)readiness;
        *(ulong*)(entry + _eventBytes - sizeof(ulong)) = (uint)handle;
        Check(epoll_ctl(_epoll, operation, handle, entry), "epoll_ctl");
    }

    private static void Check(int result, string call)
    {
        if (result < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{call} failed: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int epoll_ctl(int epoll, int operation, int handle, byte* entry);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int epoll_pwait2(int epoll, byte* events, int room, Timespec* time, void* signals);

    [LibraryImport("libc")]
    private static partial int close(int handle);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
