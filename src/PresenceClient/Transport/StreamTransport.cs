using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using Presence.Protocol;
using Presence.V1;

namespace Presence.Client.Transport;

/// <summary>Length-prefixed frames over a byte stream: TCP or TLS.</summary>
internal sealed class StreamTransport : ITransport
{
    // Small: most clients wait for frames of some 40 bytes. Zero-byte reads hold no buffer while they wait.
    private static readonly StreamPipeReaderOptions _readerOptions = new(bufferSize: 2048, minimumReadSize: 512, useZeroByteReads: true);

    private readonly Stream _stream;
    private readonly Socket _socket;
    private readonly PipeReader _reader;
    private ReadOnlySequence<byte> _unread;
    private bool _holdsRead;

    /// <param name="stream">Owned from now on.</param>
    /// <param name="socket">What is below <paramref name="stream"/>.</param>
    public StreamTransport(Stream stream, Socket socket)
    {
        (_stream, _socket) = (stream, socket);
        _reader = PipeReader.Create(stream, _readerOptions);
    }

    public Framing Framing => Framing.LengthPrefix;

    public CloseCode PeerCloseCode => CloseCode.Unspecified;

    public ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellation) => _stream.WriteAsync(frame, cancellation);

    public async ValueTask<ServerFrame?> ReceiveAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (_holdsRead)
            {
                if (Next() is { } frame)
                {
                    return frame;
                }
                _reader.AdvanceTo(_unread.Start, _unread.End);
                _holdsRead = false;
            }
            ReadResult read = await _reader.ReadAsync(cancellation).ConfigureAwait(false);
            if (read.IsCompleted && read.Buffer.IsEmpty)
            {
                return null;
            }
            (_unread, _holdsRead) = (read.Buffer, true);
            if (read.IsCompleted)
            {
                return Next() ?? throw new IOException("The server closed the connection in the middle of a frame.");
            }
        }
    }

    public async ValueTask CloseAsync(CancellationToken cancellation)
    {
        try
        {
            if (_stream is SslStream tls)
            {
                await tls.ShutdownAsync().WaitAsync(cancellation).ConfigureAwait(false);
            }
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new IOException(e.Message, e);
        }
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>Takes the next known frame off the bytes that are there; null when there is none.</summary>
    private ServerFrame? Next()
    {
        while (true)
        {
            switch (FrameReader.TryRead(ref _unread, ProtocolLimits.MaxFrameBytes, out ReadOnlySequence<byte> payload, out var fault))
            {
                case FrameReadResult.NeedMore:
                    return null;
                case FrameReadResult.Malformed:
                    throw ReceivedFrame.Fault(fault);
            }
            if (ReceivedFrame.Parse(payload) is { } frame)
            {
                return frame;
            }
        }
    }
}
