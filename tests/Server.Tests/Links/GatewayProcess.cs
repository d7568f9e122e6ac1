using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Presence.Protocol;
using Presence.TestKit;
using Presence.V1;
using Xunit;

namespace Presence.Server.Tests.Links;

/// <summary>A gateway whose socket is another process's, so that it can be killed and stopped for real: a shell that became cat, from us to the server.</summary>
internal sealed partial class GatewayProcess : IAsyncDisposable
{
    private const int Kill = 9;
    private const int Stop = 19;

    private readonly Process _process;
    private ulong _seq;

    private GatewayProcess(Process process) => _process = process;

    public static async Task<GatewayProcess> StartAsync(ServerProcess server, string id)
    {
        IPEndPoint to = server.Tcp;
        var start = new ProcessStartInfo("bash") { RedirectStandardInput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec cat 1<>/dev/tcp/{to.Address}/{to.Port}");
        var gateway = new GatewayProcess(Process.Start(start)!);
        await gateway.WriteAsync(output => ClientFrames.Write(
            output, new ClientFrame { GatewayHello = RawGateway.Hello(server, id) }, Framing.LengthPrefix));
        return gateway;
    }

    public Task SendAsync(SessionsVerb verb, params ulong[] users) => WriteAsync(output => SessionsFrame.Write(output, verb, ++_seq, users));

    public Task CompleteAsync() => WriteAsync(output => ClientFrames.Write(
        output, new ClientFrame { SessionsComplete = new SessionsComplete { Seq = ++_seq } }, Framing.LengthPrefix));

    /// <summary>The first bytes of a frame that never ends.</summary>
    public Task SendHalfAsync() => WriteAsync(output => output.Write<byte>([0x20, 0x5A, 0x1E, 0x08]));

    /// <summary>SIGKILL.</summary>
    public void Die() => Signal(Kill);

    /// <summary>SIGSTOP.</summary>
    public void Freeze() => Signal(Stop);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signal(Kill);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task WriteAsync(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        await _process.StandardInput.BaseStream.WriteAsync(output.WrittenMemory);
        await _process.StandardInput.BaseStream.FlushAsync();
    }

    private void Signal(int signal) => Assert.Equal(0, SendSignal(_process.Id, signal));

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
