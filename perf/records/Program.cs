using System.Globalization;
using Presence.Records;
using Presence.Server.Storage;

switch (args)
{
    case ["make", var directory, var users, var budget]:
        MadeDirectory.Make(directory, Number(users), RecordTables.CountFor(Number(budget)));
        return 0;
    case ["read", var directory]:
        SequentialRead read = SequentialRead.Of(directory);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{read.Bytes} bytes, {read.Records} records in {read.Time.TotalSeconds:0.000} s"));
        return 0;
    default:
        Console.Error.WriteLine("usage: Records make DIR USERS BUDGET   a data directory with one checkpoint, as of a server with a memory budget of so many bytes");
        Console.Error.WriteLine("       Records read DIR                reads and verifies the newest checkpoint there, block by block, on one thread");
        return 2;
}

static long Number(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
