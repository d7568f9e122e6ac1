using Presence.Engine;
using Xunit;

namespace Presence.Server.Tests.Storage.Journal;

/// <summary>Somebody who waits for the disk.</summary>
internal sealed class TestCommit : JournalCommit
{
    private readonly TaskCompletionSource<bool> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>True when it is durable; null while nobody knows.</summary>
    public bool? IsDurable => _answer.Task.IsCompleted ? _answer.Task.Result : null;

    public Task<bool> Answer => _answer.Task;

    public override void Complete() => Assert.True(_answer.TrySetResult(!Failed), "answered twice");
}
