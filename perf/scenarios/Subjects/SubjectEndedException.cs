namespace Presence.Scenarios.Subjects;

/// <summary>A process that was to be measured ended before it accepted anybody.</summary>
internal sealed class SubjectEndedException(string message) : Exception(message);
