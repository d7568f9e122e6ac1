using System.Net;
using Presence.Server.Hosting;

namespace Presence.Server.Transport.Epoll;

/// <summary>Where the clients of one listener wait until their first message is whole, and what becomes of them then.</summary>
/// <param name="loop">Accepts them, and looks at what they say.</param>
/// <param name="cap">Has counted each; is told when one goes that never became a connection.</param>
/// <param name="handshakes">How long they may take.</param>
/// <param name="maxUnsent">Of the connections that they become.</param>
internal sealed class Doorstep(EpollLoop loop, ConnectionCap cap, DeadlineQueue handshakes, int maxUnsent)
{
    public EpollLoop Loop => loop;

    /// <summary>Whether the first bytes of a client, at most <see cref="LoopBuffers.ScratchBytes"/>, decide what it is: else it goes on waiting.</summary>
    public required Decides Decides { get; init; }

    /// <summary>One has come. Loop.</summary>
    public required Action Came { get; init; }

    /// <summary>One that came has gone without a word. Loop.</summary>
    public required Action Went { get; init; }

    /// <summary>Serves one that came as a connection, which ends by itself; must not throw. Loop.</summary>
    public required Action<EpollConnection> Serve { get; init; }

    /// <summary>Takes in who was just accepted.</summary>
    /// <param name="descriptor">Non-blocking; it is the doorstep's from here on.</param>
    public void Receive(int descriptor, EndPoint local, PeerAddress remote)
    {
        Came();
        new Newcomer(descriptor, local, remote, this).Wait(handshakes);
    }

    public void Enter(int descriptor, EndPoint local, PeerAddress remote, Deadline handshake) =>
        Serve(new EpollConnection(descriptor, loop, local, remote, maxUnsent, cap) { Handshake = handshake });

    public void Leave(int descriptor, PeerAddress remote)
    {
        Libc.Close(descriptor);
        cap.Leave(AddressCounts.KeyOf(remote));
        Went();
    }
}

/// <inheritdoc cref="Doorstep.Decides"/>
internal delegate bool Decides(ReadOnlySpan<byte> first);
