// Login and get token
async function login(username, password) {
  const response = await fetch('http://server-address:3000/api/auth/login', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json'
    },
    body: JSON.stringify({ username, password })
  });
  
  const data = await response.json();
  return data.token;
}

// Get user list
async function getUsers(token) {
  const response = await fetch('http://server-address:3000/api/users', {
    headers: {
      'Authorization': `Bearer ${token}`
    }
  });
  
  return await response.json();
}

// Create a new channel
async function createChannel(token, channelData) {
  const response = await fetch('http://server-address:3000/api/channels', {
    method: 'POST',
    headers: {
      'Authorization': `Bearer ${token}`,
      'Content-Type': 'application/json'
    },
    body: JSON.stringify(channelData)
  });
  
  return await response.json();
}
