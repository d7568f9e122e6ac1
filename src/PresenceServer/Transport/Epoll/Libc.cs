using System.Runtime.InteropServices;

namespace Presence.Server.Transport.Epoll;

/// <summary>
/// The system calls on sockets. Each gives what the kernel gave, or the negative error number: nothing is thrown where a peer decides what happens.
/// </summary>
/// <remarks>
/// Sockets are non-blocking, so the calls that move bytes skip the runtime's transition (it costs as much as a short call); the error number is taken
/// before anything else can run.
/// </remarks>
internal static unsafe partial class Libc
{
    private const int NonBlockingCloseOnExec = 0x80800;
    private const int NoSignal = 0x4000;
    private const int LookOnly = 2;
    private const int SocketLevel = 1;
    private const int SocketLinger = 13;
    private const int TcpLevel = 6;
    private const int TcpUserTimeout = 18;
    private const int Writes = 1;
    private const int ReadOnlyCloseOnExec = 0x80000;

    /// <returns>Bytes; 0 when the peer has ended its half.</returns>
    public static int Receive(int socket, Span<byte> into)
    {
        fixed (byte* bytes = into)
        {
            return Checked((int)recv(socket, bytes, into.Length, 0));
        }
    }

    /// <summary>As <see cref="Receive"/>; what there is stays to be received.</summary>
    public static int Peek(int socket, Span<byte> into)
    {
        fixed (byte* bytes = into)
        {
            return Checked((int)recv(socket, bytes, into.Length, LookOnly));
        }
    }

    /// <returns>Bytes taken by the kernel, perhaps fewer than there are.</returns>
    public static int Send(int socket, ReadOnlySpan<byte> from)
    {
        fixed (byte* bytes = from)
        {
            return Checked((int)send(socket, bytes, from.Length, NoSignal));
        }
    }

    /// <param name="address">Receives the peer's <c>sockaddr</c>.</param>
    /// <returns>The descriptor of a connection, non-blocking.</returns>
    public static int Accept(int listener, Span<byte> address)
    {
        int length = address.Length;
        fixed (byte* bytes = address)
        {
            return Checked(accept4(listener, bytes, &length, NonBlockingCloseOnExec));
        }
    }

    /// <summary>Tells the peer that nothing more will come.</summary>
    public static void EndWrites(int socket) => _ = shutdown(socket, Writes);

    /// <summary>Lets the kernel drop the connection when it makes no progress for so long.</summary>
    public static void LimitPatience(int socket, TimeSpan time)
    {
        int milliseconds = (int)time.TotalMilliseconds;
        _ = setsockopt(socket, TcpLevel, TcpUserTimeout, &milliseconds, sizeof(int));
    }

    /// <summary>Makes the close of a socket a reset: the peer learns that what it sends is not read, and nothing lingers here.</summary>
    public static void ResetOnClose(int socket)
    {
        (int On, int Seconds) linger = (1, 0);
        _ = setsockopt(socket, SocketLevel, SocketLinger, &linger, sizeof((int, int)));
    }

    public static void Close(int descriptor) => _ = close(descriptor);

    /// <summary>A descriptor for nothing but to be given up when there is no other.</summary>
    public static int OpenNothing() => Checked(open("/dev/null", ReadOnlyCloseOnExec));

    private static int Checked(int result) => result >= 0 ? result : -Marshal.GetLastSystemError();

    [SuppressGCTransition]
    [LibraryImport("libc")]
    private static partial nint recv(int socket, byte* bytes, nint count, int flags);

    [SuppressGCTransition]
    [LibraryImport("libc")]
    private static partial nint send(int socket, byte* bytes, nint count, int flags);

    [SuppressGCTransition]
    [LibraryImport("libc")]
    private static partial int accept4(int socket, byte* address, int* length, int flags);

    [LibraryImport("libc")]
    private static partial int shutdown(int socket, int half);

    [LibraryImport("libc")]
    private static partial int setsockopt(int socket, int level, int option, void* value, int length);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);
}
