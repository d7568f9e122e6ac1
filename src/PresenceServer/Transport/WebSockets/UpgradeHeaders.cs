using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Presence.Protocol;
using Presence.Server.Security;

namespace Presence.Server.Transport.WebSockets;

/// <summary>The headers of a request, line by line, and what they come to. Those that do not matter here are only looked at for their form; what is
/// asked for in extensions is not: none is given, compression least of all (see <see cref="WebSocketEndpoint"/>).</summary>
internal ref struct UpgradeHeaders
{
    private const int KeyBytes = 16;
    private const int KeyLength = 24;

    private static readonly SearchValues<byte> s_token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private bool _isUpgrade;
    private bool _isConnection;
    private bool _hasSubprotocol;
    private bool _hasHost;
    private bool _hasBody;
    private bool _hasVersion;
    private bool _hasKey;
    private bool _hasOrigin;
    private ReadOnlySpan<byte> _origin;
    private ReadOnlySpan<byte> _version;

    /// <summary>Of 24 characters once <see cref="Judge"/> found nothing.</summary>
    public ReadOnlySpan<byte> Key { get; private set; }

    /// <returns>False for a line that makes the whole request malformed.</returns>
    public bool TryAdd(ReadOnlySpan<byte> line)
    {
        int colon = line.IndexOf((byte)':');
        if (colon <= 0 || line[..colon].ContainsAnyExcept(s_token))
        {
            return false;
        }

        ReadOnlySpan<byte> value = line[(colon + 1)..].Trim(" \t"u8);
        return !value.ContainsAnyInRange((byte)0x00, (byte)0x08) && !value.ContainsAnyInRange((byte)0x0A, (byte)0x1F) && TryNote(line[..colon], value);
    }

    /// <returns>Null: they ask for a WebSocket as it is served here.</returns>
    public readonly UpgradeRefusal? Judge(BrowserOrigins origins) =>
        !_isUpgrade || !_isConnection ? UpgradeRefusal.NoUpgrade
        : !_hasHost ? UpgradeRefusal.BadHeader
        : _hasOrigin && !origins.Allows(_origin) ? UpgradeRefusal.ForeignOrigin
        : !_version.SequenceEqual("13"u8) ? UpgradeRefusal.OtherVersion
        : !IsKey(Key) ? UpgradeRefusal.BadKey
        : !_hasSubprotocol ? UpgradeRefusal.OtherProtocol
        : _hasBody ? UpgradeRefusal.WithBody
        : null;

    private bool TryNote(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Ascii.EqualsIgnoreCase(name, "Host"u8))
        {
            bool first = !_hasHost;
            _hasHost = true;
            return first;
        }

        if (Ascii.EqualsIgnoreCase(name, "Sec-WebSocket-Version"u8))
        {
            bool first = !_hasVersion;
            _hasVersion = true;
            _version = value;
            return first;
        }

        if (Ascii.EqualsIgnoreCase(name, "Sec-WebSocket-Key"u8))
        {
            bool first = !_hasKey;
            _hasKey = true;
            Key = value;
            return first;
        }

        if (Ascii.EqualsIgnoreCase(name, "Origin"u8))
        {
            bool first = !_hasOrigin;
            _hasOrigin = true;
            _origin = value;
            return first;
        }

        NoteList(name, value);
        return true;
    }

    private void NoteList(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Ascii.EqualsIgnoreCase(name, "Upgrade"u8))
        {
            _isUpgrade |= Names(value, "websocket"u8);
        }
        else if (Ascii.EqualsIgnoreCase(name, "Connection"u8))
        {
            _isConnection |= Names(value, "upgrade"u8);
        }
        else if (Ascii.EqualsIgnoreCase(name, "Sec-WebSocket-Protocol"u8))
        {
            _hasSubprotocol |= Names(value, s_subprotocol, exactly: true);
        }
        else if (Ascii.EqualsIgnoreCase(name, "Transfer-Encoding"u8))
        {
            _hasBody = true;
        }
        else if (Ascii.EqualsIgnoreCase(name, "Content-Length"u8))
        {
            _hasBody |= !value.SequenceEqual("0"u8);
        }
    }

    private static readonly byte[] s_subprotocol = Encoding.ASCII.GetBytes(ProtocolLimits.Subprotocol);

    private static bool Names(ReadOnlySpan<byte> list, ReadOnlySpan<byte> wanted, bool exactly = false)
    {
        foreach (Range range in list.Split((byte)','))
        {
            ReadOnlySpan<byte> name = list[range].Trim(" \t"u8);
            if (exactly ? name.SequenceEqual(wanted) : Ascii.EqualsIgnoreCase(name, wanted))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsKey(ReadOnlySpan<byte> key)
    {
        Span<byte> decoded = stackalloc byte[KeyLength];
        return key.Length == KeyLength
            && Base64.DecodeFromUtf8(key, decoded, out _, out int bytes) == OperationStatus.Done && bytes == KeyBytes;
    }
}
