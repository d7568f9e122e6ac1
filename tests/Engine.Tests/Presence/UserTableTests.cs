using System.Runtime.CompilerServices;
using CsCheck;

namespace Presence.Engine.Tests;

public sealed class UserTableTests
{
    [Fact]
    public void A_user_with_one_device_is_one_cache_line()
    {
        Assert.Equal(UserEntry.Size, Unsafe.SizeOf<UserEntry>());
        Assert.Equal(64, UserEntry.Size);
        Assert.Equal(36, Unsafe.SizeOf<Device>());
        Assert.Equal(32, Unsafe.SizeOf<WatchedUser>());
    }

    [Fact]
    public void Devices_are_found_until_they_are_removed_and_keep_their_node() =>
        Gen.Select(Gen.Bool, Gen.ULong[1, 3], Gen.ULong[1, 12]).Array[0, 200].Sample(steps =>
        {
            using var users = new UserTable(9);
            var model = new Dictionary<(ulong User, ulong Device), int>();
            foreach ((bool adds, ulong user, ulong device) in steps)
            {
                int entry = users.Find(user);
                if (adds && !model.ContainsKey((user, device)))
                {
                    entry = entry < 0 ? users.Add(user) : entry;
                    int node = users.AddDevice(entry);
                    users.DeviceAt(node).Key = device;
                    model.Add((user, device), node);
                }
                else if (!adds && model.Remove((user, device), out int node))
                {
                    users.RemoveDevice(node);
                    if (users[entry].Devices == 0)
                    {
                        users.Remove(entry);
                    }
                }
            }

            Assert.Equal(model.Keys.Select(key => key.User).Distinct().Count(), users.Count);
            foreach (((ulong user, ulong device), int node) in model)
            {
                Assert.Equal(node, users.FindDevice(users.Find(user), device));
                Assert.Equal(users.Find(user), users.OwnerOf(node));
            }
        }, iter: 500);
}
