namespace Presence.Engine;

/// <summary>
/// The users of this shard who are up on a link: how many, when they were named last, and which of them are gone and wait to be taken down. They
/// are not listed: each carries its link and a generation.
/// </summary>
internal sealed class LinkSet(int ordinal)
{
    private readonly LinkGenerations _generations = new();

    // Unix ms of the last Goodbye.
    private long _leftAtMs;

    // Users who are gone; never too few.
    private int _gone;

    /// <summary>Rises when the set is named anew.</summary>
    public int Generation => _generations.Present;

    public int Users { get; private set; }

    /// <summary>Of them, those who were named in the present generation.</summary>
    public int Named { get; private set; }

    public long Ups { get; private set; }

    public long Downs { get; private set; }

    public long Refused { get; private set; }

    /// <summary>Hears who was refused; null: nobody.</summary>
    public ILinkRefusals? Refusals { get; set; }

    /// <summary>All are gone, unless their link is back before they have been taken down.</summary>
    public bool GoesWhole { get; set; }

    /// <summary>Somebody is gone who has not been taken down.</summary>
    public bool Sweeps => _gone > 0;

    /// <summary>False: so many namings were begun during one sweep that another one has to wait for it.</summary>
    public bool MayBeNamed => _generations.MayBegin || !Sweeps;

    /// <summary>It is named anew: so far nobody has been.</summary>
    public void BeginNaming() => Named = _generations.BeginNaming() ? 0 : Named;

    /// <summary>It is named from the start once more, before that was done.</summary>
    public void NameAgain() => Named = _generations.NameAgain() ? 0 : Named;

    /// <summary>Who was not named since naming began last is gone.</summary>
    public void Complete()
    {
        _generations.Complete();
        BeginSweep(Users - Named);
    }

    /// <summary>Who was not named since naming began first is gone.</summary>
    public void TimeOut()
    {
        _generations.TimeOut();
        BeginSweep(Users - Named);
    }

    /// <summary>All are gone for good, whoever comes back.</summary>
    /// <param name="leftAtMs">Unix ms of the Goodbye; negative when there was none.</param>
    public void End(long leftAtMs = -1)
    {
        // Who still waits for the sweep of an earlier Goodbye left a moment earlier than this says.
        _leftAtMs = leftAtMs >= 0 ? leftAtMs : _leftAtMs;
        _generations.End(goodbye: leftAtMs >= 0);
        BeginSweep(Users);
    }

    /// <summary>All are gone, see <see cref="GoesWhole"/>.</summary>
    public void GoWhole()
    {
        GoesWhole = true;
        BeginSweep(Users);
    }

    /// <summary>Nobody who is gone is left.</summary>
    public void EndSweep()
    {
        _gone = 0;
        if (GoesWhole)
        {
            _generations.End(goodbye: false);
        }

        _generations.Swept();
    }

    /// <summary>Was named in the present generation.</summary>
    public bool IsNamed(in Device device) => _generations.IsPresent(device);

    /// <summary>Went with the set, or was not named with it, and waits to be taken down: to its gateway it is down.</summary>
    public bool IsGone(in Device device) => GoesWhole || _generations.IsGone(device);

    /// <summary>Of a device that is gone, Unix ms of the Goodbye it went with; negative: its own last sign of life counts.</summary>
    public long LeftAtMs(in Device device) => _generations.HasLeft(device) ? _leftAtMs : -1;

    /// <summary>A device comes up.</summary>
    public void Add(ref Device device)
    {
        device.Gateway = ordinal;
        device.Generation = Generation;
        Users++;
        Named++;
        Ups++;
    }

    /// <summary>A device is named that was not in this generation.</summary>
    /// <returns>True: it was gone, and has come back in this moment.</returns>
    public bool Name(ref Device device)
    {
        bool wasGone = IsGone(device);
        device.Generation = Generation;
        Named++;
        if (wasGone)
        {
            Downs++;
            Ups++;
            TakeGone();
        }

        return wasGone;
    }

    /// <summary>A device goes for good.</summary>
    public void Remove(in Device device)
    {
        Downs++;
        Forget(device);
    }

    /// <summary>A user may not have a device here.</summary>
    public void Refuse(ulong userId, LinkRefusal reason)
    {
        Refused++;
        Refusals?.Refuse(userId, reason);
    }

    /// <summary>A device that came up may not stay: it was never there.</summary>
    public void Refuse(ulong userId, in Device device, LinkRefusal reason)
    {
        Ups--;
        Forget(device);
        Refuse(userId, reason);
    }

    private void Forget(in Device device)
    {
        Users--;
        Named -= IsNamed(device) ? 1 : 0;
        if (IsGone(device))
        {
            TakeGone();
        }
    }

    private void BeginSweep(int gone)
    {
        _gone = gone;
        if (gone == 0)
        {
            EndSweep();
        }
    }

    private void TakeGone()
    {
        _gone--;
        if (_gone == 0)
        {
            EndSweep();
        }
    }
}
