namespace Presence.Engine;

/// <summary>
/// The tokens of devices without a connection: held ones, and leases over HTTP. A device on a connection has its token there; these are few, and are told apart
/// only here, so that a revocation ends those that it concerns and nobody else.
/// </summary>
internal sealed class TokensOfHeld
{
    // Dense, so that a walk can stop anywhere and go on.
    private readonly List<(int Node, TokenMark Token)> _tokens = [];
    private readonly Dictionary<int, int> _places = [];

    public int Count => _tokens.Count;

    public (int Node, TokenMark Token) this[int place] => _tokens[place];

    public void Set(int node, in TokenMark token)
    {
        if (_places.TryGetValue(node, out int place))
        {
            _tokens[place] = (node, token);
            return;
        }

        _places.Add(node, _tokens.Count);
        _tokens.Add((node, token));
    }

    public bool TryGet(int node, out TokenMark token)
    {
        bool found = _places.TryGetValue(node, out int place);
        token = found ? _tokens[place].Token : default;
        return found;
    }

    /// <summary>Nothing when there is none. The last takes its place: a walk from the end to the front misses nobody.</summary>
    public void Remove(int node)
    {
        if (!_places.Remove(node, out int place))
        {
            return;
        }

        int last = _tokens.Count - 1;
        if (place < last)
        {
            _tokens[place] = _tokens[last];
            _places[_tokens[place].Node] = place;
        }

        _tokens.RemoveAt(last);
    }
}
