namespace Presence.Server.Security;

/// <summary>A key file or key set cannot be used; the message says why and what would be right.</summary>
internal sealed class KeyFormatException(string message, Exception? inner = null) : Exception(message, inner);
