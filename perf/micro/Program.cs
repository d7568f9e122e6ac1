using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(Presence.Micro.FrameBenchmarks).Assembly).Run(args);
