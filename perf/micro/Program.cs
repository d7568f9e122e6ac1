using BenchmarkDotNet.Running;
using Presence.Micro;

if (args is ["links", .. string[] size])
{
    return LinkRun.Run(size);
}

BenchmarkSwitcher.FromAssembly(typeof(FrameBenchmarks).Assembly).Run(args);
return 0;
