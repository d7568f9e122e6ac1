namespace Presence.Engine;

/// <summary>
/// When the users of a link were named last. Whoever names the whole set begins a generation, and a device carries the one of its last naming in
/// three bits: eight can be told apart, and an old one is free again when those who went with it have been taken down.
/// </summary>
internal sealed class LinkGenerations
{
    // Nobody carries an older one.
    private int _oldest = 1;

    // With which the naming began that is under way, or was last.
    private int _firstOfNaming;

    // Who carries this or an older one is gone; by a Goodbye, or because it was not named.
    private int _goneUpTo;
    private int _leftUpTo;

    /// <summary>Of whom is named now.</summary>
    public int Present { get; private set; }

    /// <summary>False: all are in use, until a sweep is done.</summary>
    public bool MayBegin => InUseWithNext <= Device.Generations;

    private int InUseWithNext => Present + 2 - _oldest;

    /// <summary>The set is named anew.</summary>
    /// <returns>False, only if it had to wait and did not: who was named before counts as named.</returns>
    public bool BeginNaming()
    {
        bool rises = Rise(Device.Generations);
        _firstOfNaming = Present;
        return rises;
    }

    /// <summary>
    /// Whoever names the set has begun once more. One is kept for the naming that comes next; when the others are used up, who was named before
    /// counts as named, and goes by silence if it is not.
    /// </summary>
    /// <returns>False: they are used up.</returns>
    public bool NameAgain() => Rise(Device.Generations - 1);

    /// <summary>Named in full: who was not, by the last who began, is gone.</summary>
    public void Complete() => _goneUpTo = Math.Max(_goneUpTo, Present - 1);

    /// <summary>Not named in full in time: who was not named at all is gone.</summary>
    public void TimeOut() => _goneUpTo = Math.Max(_goneUpTo, _firstOfNaming - 1);

    /// <summary>All are gone.</summary>
    /// <param name="goodbye">Because their gateway has left.</param>
    public void End(bool goodbye)
    {
        _goneUpTo = Present;
        _leftUpTo = goodbye ? Present : _leftUpTo;
    }

    /// <summary>Nobody who is gone is left.</summary>
    public void Swept() => _oldest = Math.Max(_oldest, _goneUpTo + 1);

    public bool IsPresent(in Device device) => device.Generation == Present % Device.Generations;

    public bool IsGone(in Device device) => Of(device) <= _goneUpTo;

    /// <summary>Of who is gone: by a Goodbye.</summary>
    public bool HasLeft(in Device device) => Of(device) <= _leftUpTo;

    private int Of(in Device device) => Present - ((Present - device.Generation) & (Device.Generations - 1));

    private bool Rise(int most)
    {
        bool rises = InUseWithNext <= most;
        Present += rises ? 1 : 0;
        return rises;
    }
}
