using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;

namespace Presence.LoadClient.Machine;

/// <summary>Finds the process of this machine that listens at an address: /proc/net/tcp names the socket, /proc/PID/fd its owner.</summary>
internal static class ListeningProcess
{
    private const string Listening = "0A";
    private const int LocalColumn = 1;
    private const int StateColumn = 3;
    private const int InodeColumn = 9;

    /// <returns>Null: the address is another machine's, nobody listens there, or the owner is another user's.</returns>
    public static int? Find(IPEndPoint address)
    {
        if (!OperatingSystem.IsLinux() || !IsOurs(address.Address))
        {
            return null;
        }

        // At every address of the machine, when not at this one.
        string? inode = InodeIn("/proc/net/tcp", address)
            ?? InodeIn("/proc/net/tcp6", new(address.Address.MapToIPv6(), address.Port))
            ?? InodeIn("/proc/net/tcp", new(IPAddress.Any, address.Port))
            ?? InodeIn("/proc/net/tcp6", new(IPAddress.IPv6Any, address.Port));
        return inode is null ? null : OwnerOf($"socket:[{inode}]");
    }

    private static bool IsOurs(IPAddress address) =>
        IPAddress.IsLoopback(address)
        || NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(static card => card.GetIPProperties().UnicastAddresses)
            .Any(own => own.Address.Equals(address));

    // "  0: 0100007F:1B59 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 12345 …": address and port are in hex.
    private static string? InodeIn(string table, IPEndPoint address)
    {
        string local = string.Create(CultureInfo.InvariantCulture, $"{HexOf(address.Address)}:{address.Port:X4}");
        return File.ReadLines(table)
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(columns => columns.Length > InodeColumn && columns[StateColumn] == Listening && columns[LocalColumn] == local)?[InodeColumn];
    }

    // Words of four bytes, each as a number of this machine.
    private static string HexOf(IPAddress address) =>
        string.Concat(address.GetAddressBytes().Chunk(sizeof(uint)).Select(static word => BitConverter.ToUInt32(word).ToString("X8", CultureInfo.InvariantCulture)));

    private static int? OwnerOf(string socket)
    {
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out int id) && Holds(process, socket))
            {
                return id;
            }
        }

        return null;
    }

    private static bool Holds(string process, string socket)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd")).Any(file => new FileInfo(file).LinkTarget == socket);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            // Another user's, or gone since.
            return false;
        }
    }
}
