using Orleans;

namespace Presence.Server.Cluster.Streams;

/// <summary>Where a node listens for the streams of others, said by a call to its silo: whoever can call it may open one.</summary>
/// <param name="Port">At the address of the silo.</param>
/// <param name="Key">Of <see cref="StreamGreeting.KeySize"/> bytes, good as long as that silo lives.</param>
[GenerateSerializer]
[Immutable]
internal readonly record struct StreamOffer([property: Id(0)] int Port, [property: Id(1)] byte[] Key);
