using System.Reflection;
using System.Runtime.Loader;

namespace Presence.Simulation;

/// <summary>Runs seeds on an engine with a planted bug, until one breaks a promise.</summary>
internal static class PlantedTrial
{
    /// <returns>The first seed that breaks a promise, and how; null when none does.</returns>
    public static (ulong Seed, string What)? Of(PlantedBug bug, int seeds)
    {
        string directory = Directory.CreateTempSubdirectory("planted-").FullName;
        try
        {
            var context = new EngineContext(MutatedEngine.Build(bug, directory));
            Assembly simulator = context.LoadFromAssemblyPath(typeof(PlantedTrial).Assembly.Location);
            MethodInfo find = simulator.GetType(typeof(PlantedTrial).FullName!)!.GetMethod(nameof(FirstBad), BindingFlags.NonPublic | BindingFlags.Static)!;
            return ((ulong, string)?)find.Invoke(null, [seeds]);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    // Called in the copy of this assembly that has the other engine beside it.
    private static (ulong Seed, string What)? FirstBad(int seeds)
    {
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            if (Trial.Of(Planner.Of(seed)) is { IsBad: true } bad)
            {
                return (seed, bad.What);
            }
        }

        return null;
    }

    /// <summary>A second copy of the simulator on the mutated engine; everything else is shared.</summary>
    private sealed class EngineContext(string engine) : AssemblyLoadContext(isCollectible: false)
    {
        protected override Assembly? Load(AssemblyName assemblyName) => assemblyName.Name == "Presence.Engine" ? LoadFromAssemblyPath(engine) : null;
    }
}
