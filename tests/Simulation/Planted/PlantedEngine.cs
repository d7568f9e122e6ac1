using System.Reflection;
using System.Runtime.Loader;

namespace Presence.Simulation;

/// <summary>A second copy of the simulator, on an engine or a journal with a planted bug.</summary>
internal sealed class PlantedEngine : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("planted-").FullName;
    private readonly Type _runs;

    /// <exception cref="InvalidOperationException">It does not compile with the bug.</exception>
    public PlantedEngine(PlantedBug bug)
    {
        MutatedAssembly.Engine.Build(bug, _directory);
        if (MutatedAssembly.Storage.IsOf(bug))
        {
            MutatedAssembly.Storage.Build(bug, _directory);
        }

        var context = new EngineContext(_directory);
        _runs = context.LoadFromAssemblyPath(typeof(PlantedRuns).Assembly.Location).GetType(typeof(PlantedRuns).FullName!)!;
    }

    /// <summary>The first seed that breaks a promise, and which; null when none of them does.</summary>
    public (ulong Seed, string Promise)? FirstBad(int seeds) => ((ulong, string)?)Call(nameof(PlantedRuns.FirstBad), seeds);

    /// <summary>The same of clusters.</summary>
    public (ulong Seed, string Promise)? FirstBadCluster(int seeds) => ((ulong, string)?)Call(nameof(PlantedRuns.FirstBadCluster), seeds);

    /// <summary>The first seed of clusters that breaks a promise, which, and how many of those that were run do.</summary>
    public (ulong Seed, string Promise, int Bad, int Ran)? BadClusters(int seeds) => ((ulong, string, int, int)?)Call(nameof(PlantedRuns.BadClusters), seeds);

    /// <summary>As <see cref="Explain"/>, of a cluster.</summary>
    public string ExplainCluster(ulong seed) => (string)Call(nameof(PlantedRuns.ExplainCluster), seed)!;

    /// <summary>Says what happens in a cluster, event by event, and what it breaks.</summary>
    public string TraceCluster(ulong seed) => (string)Call(nameof(PlantedRuns.TraceCluster), seed)!;

    /// <summary>What breaks with a seed that is known to, shrunk, and how to replay it.</summary>
    public string Explain(ulong seed) => (string)Call(nameof(PlantedRuns.Explain), seed)!;

    /// <summary>The promise that is broken with what a command line says; null when none is.</summary>
    public string? Replay(params string[] args) => (string?)Call(nameof(PlantedRuns.Replay), args);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private object? Call(string name, object argument) => _runs.GetMethod(name)!.Invoke(null, [argument]);

    /// <summary>The engine, what stands on it and the simulator are its own; everything else is shared.</summary>
    private sealed class EngineContext(string mutated) : AssemblyLoadContext(isCollectible: false)
    {
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            if (assemblyName.Name is not ("Presence.Engine" or "PresenceServer"))
            {
                return null;
            }

            string file = assemblyName.Name + ".dll";
            string built = Path.Combine(mutated, file);
            return LoadFromAssemblyPath(File.Exists(built) ? built : Path.Combine(AppContext.BaseDirectory, file));
        }
    }
}
