using System.Globalization;
using System.Text;
using Presence.Server.Hosting;
using Presence.Server.Security;
using Presence.Server.Transport.Admission;

namespace Presence.Micro;

/// <summary>
/// <c>Micro handshakes</c>: what those parts of a handshake cost that admission rests on. A resume token that is read and one that is made, the look into a schedule that is full,
/// and what the machine is taken to be able to do.
/// </summary>
internal static class HandshakeRun
{
    private const int InRound = 100_000;

    public static int Run()
    {
        using var tokens = new ResumeTokens(ResumeSecrets.Create(DateTimeOffset.UnixEpoch));
        byte[] device = Encoding.UTF8.GetBytes(Guid.NewGuid().ToString()), id = Encoding.UTF8.GetBytes(Guid.NewGuid().ToString());
        byte[] token = Issue();
        Print("a resume token is read", Fastest(() => tokens.TryRead(token, DateTimeOffset.UnixEpoch, out _, out _)));
        Print("a resume token is made", Fastest(() => Issue()));
        var clock = new NodeClock(TimeProvider.System);
        var budget = new HandshakeBudget(1_000, 1_000, TimeSpan.FromMinutes(5), clock);
        ulong key = 0;
        Print("a slot of a full schedule is given", Fastest(() => budget.EnterSession(++key)));
        TimeSpan plain = HandshakeCost.Plain();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a session is taken to cost {plain.TotalMicroseconds:0} us: {1 / plain.TotalSeconds:0} a CPU-second"));
        TimeSpan judgement = HandshakeCost.Judgement(withCurve: false);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a token's judgement is taken to cost {judgement.TotalMicroseconds:0} us, of a curve's {HandshakeCost.Judgement(withCurve: true).TotalMicroseconds:0} us"));
        return 0;

        byte[] Issue() => tokens.Issue(new ResumeClaims { UserId = 1, SessionId = 2, DeviceId = device, TokenId = id, IssuedAt = 3, ExpiresAt = long.MaxValue / 2 });
    }

    private static void Print(string what, TimeSpan each) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {each.TotalMicroseconds:0.00} us"));

    private static TimeSpan Fastest(Action work) => HandshakeCost.Fastest(InRound, work);
}
