using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Presence.Server.Storage;

/// <summary>One thread of recovery. Its batches go round between it and the reader, which bounds how far is read ahead.</summary>
internal sealed class RecoveryLane : IDisposable
{
    private const int Batches = 4;

    private readonly BlockingCollection<Batch> _empty = [];
    private readonly BlockingCollection<Batch> _filled = [];
    private readonly Action<ulong, PackedRecord> _apply;
    private readonly Thread _thread;
    private ExceptionDispatchInfo? _failure;
    private Batch _filling;

    public RecoveryLane(int number, Action<ulong, PackedRecord> apply)
    {
        _apply = apply;
        for (int i = 0; i < Batches; i++)
        {
            _empty.Add(new Batch());
        }

        _filling = _empty.Take();
        _thread = new Thread(Run) { Name = $"presence-recovery-{number}", IsBackground = true };
        _thread.Start();
    }

    public void Put(ulong key, PackedRecord record)
    {
        if (!_filling.TryAdd(key, record))
        {
            _filled.Add(_filling);
            _filling = _empty.Take();
            _filling.TryAdd(key, record);
        }
    }

    /// <summary>Waits until all is applied.</summary>
    public void Dispose()
    {
        _filled.Add(_filling);
        _filled.CompleteAdding();
        _thread.Join();
        _filled.Dispose();
        _empty.Dispose();
        _failure?.Throw();
    }

    // After a failure the rest passes through: the reader must not wait for a thread that is gone.
    private void Run()
    {
        foreach (Batch batch in _filled.GetConsumingEnumerable())
        {
            try
            {
                if (_failure is null)
                {
                    batch.Apply(_apply);
                }
            }
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
            }

            batch.Clear();
            _empty.Add(batch);
        }
    }

    private sealed class Batch
    {
        private const int Room = 4_096;

        private readonly (ulong Key, PackedRecord Record)[] _entries = new (ulong, PackedRecord)[Room];
        private int _count;

        public bool TryAdd(ulong key, PackedRecord record)
        {
            if (_count == Room)
            {
                return false;
            }

            _entries[_count++] = (key, record);
            return true;
        }

        public void Apply(Action<ulong, PackedRecord> apply)
        {
            foreach ((ulong key, PackedRecord record) in _entries.AsSpan(0, _count))
            {
                apply(key, record);
            }
        }

        public void Clear() => _count = 0;
    }
}
