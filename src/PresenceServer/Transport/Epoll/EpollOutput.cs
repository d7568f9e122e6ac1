using System.IO.Pipelines;

namespace Presence.Server.Transport.Epoll;

/// <summary>
/// The writing half of a connection. A flush on the loop's thread goes straight to the kernel; what the kernel does not take stays here, and once that is
/// more than a slow peer is allowed the flush waits. A flush never fails: a peer that is gone takes everything, and is the reader's to find.
/// </summary>
/// <remarks>
/// What is written belongs to the writer until it is flushed, on whatever thread; what is being sent belongs to the loop. A flush from another thread goes
/// to the loop as a request.
/// </remarks>
internal sealed class EpollOutput(EpollConnection connection) : PipeWriter
{
    private static readonly FlushResult s_over = new(isCanceled: false, isCompleted: true);

    // The writer's.
    private byte[] _written = [];
    private int _writtenBytes;
    private bool _completed;

    // The loop's.
    private byte[] _unsent = [];
    private int _unsentStart;
    private int _unsentEnd;
    private TaskCompletionSource<FlushResult>? _flush;

    // What the waiting flush is about has come over to the loop.
    private bool _flushing;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _writtenBytes;

    public bool IsCompleted => Volatile.Read(ref _completed);


    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _written.AsMemory(_writtenBytes);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _written.AsSpan(_writtenBytes);
    }

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)(_written.Length - _writtenBytes), nameof(bytes));
        _writtenBytes += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        bool here = connection.IsOnItsThread;
        if (here && TrySend(out FlushResult result))
        {
            return new(result);
        }

        // Before the request: it may be done with before this goes on.
        var flush = new TaskCompletionSource<FlushResult>();
        if (Interlocked.CompareExchange(ref _flush, flush, null) is not null)
        {
            throw new InvalidOperationException("A flush is under way already; wait for it.");
        }

        if (here)
        {
            _flushing = true;
        }
        else
        {
            connection.Post(LoopRequest.Flush);
        }

        return cancellationToken.CanBeCanceled ? WaitCancelablyAsync(flush.Task, cancellationToken) : new(flush.Task);
    }

    /// <summary>Any thread.</summary>
    public override void CancelPendingFlush() => connection.Post(LoopRequest.CancelFlush);

    public override void Complete(Exception? exception = null)
    {
        if (Close())
        {
            connection.Post(LoopRequest.End);
        }
    }

    /// <summary>Nobody writes any more; what was written goes out.</summary>
    /// <returns>False when that was known.</returns>
    public bool Close()
    {
        if (_completed)
        {
            return false;
        }

        Volatile.Write(ref _completed, true);
        return true;
    }

    // Loop.

    /// <summary>The kernel has taken all that was flushed.</summary>
    public bool IsSent => _unsentEnd == 0;

    /// <summary>Something is to be done when the kernel takes bytes again.</summary>
    public bool IsWaiting => _flushing || !IsSent;

    private int Unsent => _unsentEnd - _unsentStart;

    /// <summary>A flush has come from another thread.</summary>
    public void Flush()
    {
        _flushing = true;
        Send();
        Settle();
    }

    /// <summary>Sends what was written, or puts it behind what is under way.</summary>
    public void Send()
    {
        if (_writtenBytes == 0)
        {
            return;
        }

        (byte[] buffer, int length) = (_written, _writtenBytes);
        (_written, _writtenBytes) = ([], 0);
        if (_unsentEnd > 0)
        {
            Append(buffer.AsSpan(0, length));
            LoopBuffers.Return(buffer);
            return;
        }

        int sent = connection.TakesNoWrites ? length : SendTo(buffer.AsSpan(0, length));
        if (sent == length)
        {
            LoopBuffers.Return(buffer);
        }
        else
        {
            (_unsent, _unsentStart, _unsentEnd) = (buffer, sent, length);
            connection.BeServed();
        }
    }

    /// <summary>The kernel takes bytes again, or never will.</summary>
    public void OnWritable()
    {
        if (_unsentEnd > 0)
        {
            _unsentStart += SendTo(_unsent.AsSpan(_unsentStart, Unsent));
            if (Unsent == 0)
            {
                Drop();
            }
        }

        Settle();
    }

    /// <summary>Ends a flush that need not wait any longer.</summary>
    public void Settle()
    {
        if (connection.TakesNoWrites || Unsent <= connection.MaxUnsent / 2)
        {
            Finish(connection.TakesNoWrites ? s_over : default);
        }
    }

    public void Cancel() => Finish(new FlushResult(isCanceled: true, isCompleted: false));

    /// <summary>The connection is over: nothing is sent any more.</summary>
    public void Fail()
    {
        Drop();
        Finish(s_over);
    }

    private async ValueTask<FlushResult> WaitCancelablyAsync(Task<FlushResult> flush, CancellationToken cancellationToken)
    {
        FlushResult result;
        using (cancellationToken.UnsafeRegister(static writer => ((PipeWriter)writer!).CancelPendingFlush(), this))
        {
            result = await flush;
        }

        return result.IsCanceled && cancellationToken.IsCancellationRequested ? throw new OperationCanceledException(cancellationToken) : result;
    }

    private bool TrySend(out FlushResult result)
    {
        Send();
        result = connection.TakesNoWrites ? s_over : default;
        return connection.TakesNoWrites || Unsent < connection.MaxUnsent;
    }

    private int SendTo(ReadOnlySpan<byte> bytes)
    {
        int sent = Libc.Send(connection.Descriptor, bytes);
        if (sent >= 0)
        {
            return sent;
        }

        if (sent == -ErrorNumber.WouldBlock)
        {
            return 0;
        }

        connection.BreakWrites(-sent);
        return bytes.Length;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        int length = Unsent;
        byte[] longer = _unsent;
        if (longer.Length - length < bytes.Length)
        {
            longer = LoopBuffers.Rent(length + bytes.Length);
        }

        _unsent.AsSpan(_unsentStart, length).CopyTo(longer);
        bytes.CopyTo(longer.AsSpan(length));
        if (longer != _unsent)
        {
            LoopBuffers.Return(_unsent);
        }

        (_unsent, _unsentStart, _unsentEnd) = (longer, 0, length + bytes.Length);
    }

    private void Drop()
    {
        if (_unsentEnd > 0)
        {
            LoopBuffers.Return(_unsent);
            (_unsent, _unsentStart, _unsentEnd) = ([], 0, 0);
        }
    }

    // The writer's code runs in here.
    private void Finish(FlushResult result)
    {
        if (_flushing)
        {
            _flushing = false;
            Interlocked.Exchange(ref _flush, null)!.SetResult(result);
        }
    }

    private void EnsureRoom(int sizeHint)
    {
        if (_completed)
        {
            throw new InvalidOperationException("Writing is not allowed after the writer was completed.");
        }

        int wanted = Math.Max(1, sizeHint);
        if (_written.Length - _writtenBytes >= wanted)
        {
            return;
        }

        byte[] larger = LoopBuffers.Rent(Math.Max(_writtenBytes * 2, _writtenBytes + wanted));
        _written.AsSpan(0, _writtenBytes).CopyTo(larger);
        if (_written.Length > 0)
        {
            LoopBuffers.Return(_written);
        }

        _written = larger;
    }
}
