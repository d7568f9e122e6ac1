using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Presence.Protocol;
using Presence.Server.Diagnostics;
using Presence.Server.Hosting;
using Presence.V1;

namespace Presence.Server.Transport;

/// <summary>A client on a byte stream (TCP, or TLS on it): frames behind lengths.</summary>
internal sealed class StreamConnection(ConnectionContext transport, ClientContext context, IoCanary canary) : PipeConnection(transport, context)
{
    public override Framing Framing => Framing.LengthPrefix;

    public override ConnectionOrigin Origin => new(IsTls ? "tls" : "tcp", Transport.RemoteEndPoint?.ToString() ?? "");

    public override Carrier Carrier => Transport.Features.Get<ITlsHandshakeFeature>() is null ? Carrier.Tcp : Carrier.Tls;

    /// <summary>Whether a first frame is whole, or none.</summary>
    public static bool Decides(ReadOnlySpan<byte> first, int maxFrameBytes) => FrameReader.TryRead(ref first, maxFrameBytes, out ReadOnlySpan<byte> _, out _) != FrameReadResult.NeedMore;

    protected override void Write(ReadOnlySpan<byte> frame, int prefixBytes) => Unsent.Write(frame);

    protected override ValueTask Handle(in ReadResult read)
    {
        if (Consumer.IsLive || read.IsCanceled || !canary.IsOwn(read.Buffer))
        {
            return base.Handle(read);
        }

        HasEnded = true;
        Input.AdvanceTo(read.Buffer.End);
        return new(IoCanary.AnswerAsync(Transport));
    }

    // Takes a run of heartbeats in one go, else one frame.
    protected override bool TryCut(ref ReadOnlySequence<byte> rest, out ValueTask handled)
    {
        handled = default;
        if (Consumer.IsLive && HeartbeatScanner.Consume(rest.FirstSpan, out HeartbeatFlags flags) is > 0 and var beats)
        {
            Touch();
            rest = rest.Slice(beats);
            handled = Consumer.Beat(flags, beats / HeartbeatScanner.FrameBytes);
            return true;
        }

        switch (FrameReader.TryRead(ref rest, Consumer.MaxFrameBytes, out ReadOnlySequence<byte> payload, out FrameFault fault))
        {
            case FrameReadResult.Frame:
                if (Consumer.IsLive)
                {
                    Touch();
                }

                handled = Consumer.ConsumeAsync(payload);
                return true;
            case FrameReadResult.Malformed:
                handled = Consumer.Fault(fault);
                return true;
            default:
                return false;
        }
    }

    protected override Task EndAsync() => Session is null && Consumer.Refusal is { } refusal ? RefuseAsync(refusal) : Task.CompletedTask;

    // Says why, then waits for the client to leave: closing over unread bytes would reset the connection and lose the words.
    private async Task RefuseAsync(Refusal refusal)
    {
        ServerFrames.Write(Output, new ServerFrame { Error = refusal.Error }, Framing);
        ServerFrames.Write(Output, new ServerFrame { GoAway = refusal.GoAway }, Framing);
        await Output.FlushAsync();
        if (refusal.CloseCode != CloseCode.HandshakeTimeout)
        {
            ExpectIn(Context.Closing);
            await DiscardAsync();
        }
    }
}
