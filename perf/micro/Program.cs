using BenchmarkDotNet.Running;
using Presence.Micro;

if (args is ["links", .. string[] size])
{
    return LinkRun.Run(size);
}

if (args is ["sweep", .. string[] sweep])
{
    return SweepRun.Run(sweep);
}

if (args is ["handshakes"])
{
    return HandshakeRun.Run();
}

BenchmarkSwitcher.FromAssembly(typeof(FrameBenchmarks).Assembly).Run(args);
return 0;
