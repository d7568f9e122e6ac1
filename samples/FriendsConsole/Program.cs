// Shows who of your friends is there, and lets you say how you are.
//
//   FriendsConsole presence://localhost:7001 TOKEN 2,3
//
// Then type: online, away, busy, invisible or offline, with any text behind it; an empty line leaves.
using System.Globalization;
using Presence.Client;
using Presence.V1;

if (args is not [var endpoint, var token, var friends])
{
    Console.Error.WriteLine("Usage: FriendsConsole ENDPOINT TOKEN FRIEND[,FRIEND…]   (a token: presencectl token --user 1)");
    return 2;
}

await using PresenceClient client = new(new PresenceClientOptions
{
    Endpoints = [new Uri(endpoint)],
    // A real application asks its own back-end here: it is called again when the token is about to expire.
    TokenProvider = _ => ValueTask.FromResult(token),
    // Stable for one installation: a second FriendsConsole on this machine would take the place of the first.
    DeviceId = $"friends-{Environment.MachineName}",
    DeviceKind = DeviceKind.Desktop,
});
client.ConnectionStateChanged += (_, change) => Console.WriteLine(change switch
{
    { State: ConnectionState.Waiting } => $"-- {change.Reason}; next try in {change.RetryAfter?.TotalSeconds:0.0} s",
    { State: ConnectionState.Closed } => $"-- closed: {change.Reason}",
    _ => $"-- {change.State}",
});

using CancellationTokenSource leave = new();
Task show = ShowAsync(leave.Token);
try
{
    await client.ConnectAsync();
    await client.WatchAsync([.. friends.Split(',').Select(id => ulong.Parse(id, CultureInfo.InvariantCulture))]);
    while (await Console.In.ReadLineAsync() is { Length: > 0 } line)
    {
        await SetStatusAsync(line);
    }
    return 0;
}
catch (PresenceClosedException)
{
    // The reason is on the screen already.
    return 1;
}
finally
{
    await leave.CancelAsync();
    await show;
}

async Task ShowAsync(CancellationToken cancellation)
{
    try
    {
        await foreach (PresenceChange change in client.Changes(cancellation))
        {
            Console.WriteLine(Describe(change.Current));
        }
    }
    catch (OperationCanceledException)
    {
        // Leaving.
    }
}

async Task SetStatusAsync(string line)
{
    string[] words = line.Split(' ', 2);
    if (!Enum.TryParse(words[0], ignoreCase: true, out Status status))
    {
        Console.WriteLine($"'{words[0]}' is not a status; say online, away, busy, invisible or offline.");
        return;
    }
    try
    {
        await client.SetStatusAsync(status, words.Length > 1 ? words[1] : "");
    }
    catch (Exception e) when (e is PresenceException or ArgumentOutOfRangeException)
    {
        Console.WriteLine(e.Message);
    }
}

static string Describe(PresenceView view)
{
    string lastActive = view.LastActive is { } time ? $", last active {time:u}" : "";
    string text = view.StatusText.Length > 0 ? $" \"{view.StatusText}\"" : "";
    string devices = view.Devices.Count > 0 ? $" on {string.Join(", ", view.Devices)}" : "";
    return $"{view.UserId} is {view.Status}{text}{devices}{lastActive}";
}
